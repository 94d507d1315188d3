import type {
  ArmClient,
  ArmOperation,
  Network,
  PowerState,
  ResourceGroup,
  Snapshot,
  VirtualMachine,
  VmSku,
} from '../../src/clients/arm/arm.js';
import { fail, type WaaError } from '../../src/failures/waa-error.js';

/** An Azure in memory: one subscription, whose state a test sets and reads directly. Operations end when awaited. */
export interface FakeArm extends ArmClient {
  readonly groups: Map<string, ResourceGroup>;
  readonly networks: Map<string, Network>;
  readonly machines: Map<string, VirtualMachine>;
  readonly schedules: Map<string, string>;
  readonly snapshots: Map<string, Snapshot>;
  readonly providers: Map<string, string>;
  /** By how much its clock is ahead of ours, in ms. */
  aheadMs: number;
  readonly skuRows: Map<string, readonly VmSku[]>;
  usages: Record<'compute' | 'network', { name: string; current: number; limit: number }[]>;
  grants: { actions: readonly string[]; notActions: readonly string[] }[];
  /** Every call, as `method(first argument)`. */
  readonly calls: string[];
  /** Thrown once by the next call of a method. */
  readonly failures: Map<string, WaaError[]>;
  /** Called while an operation is awaited; throws to interrupt it. */
  onWait: (name: string) => void;
  /** Looks at a group's listing that still show it after its deletion. */
  listingLag: number;
}

export function vmOf(
  group: string,
  name: string,
  power: PowerState = 'running',
  more: Partial<VirtualMachine> = {},
): VirtualMachine {
  return {
    id: `/subscriptions/sub-1/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/${name}`,
    vmId: `id-${name}`,
    name,
    region: 'eastus',
    size: 'Standard_D8ds_v5',
    securityType: 'Standard',
    provisioningState: 'Succeeded',
    power,
    tags: {},
    nicId: `nic-${name}`,
    deletesWithVm: true,
    publicIp: '20.1.2.3',
    spot: false,
    createdAtMs: undefined,
    changedAtMs: undefined,
    ...more,
  };
}

export function createFakeArm(): FakeArm {
  const later = new Map<string, () => void>();
  let operations = 0;

  const did = (call: string): void => {
    arm.calls.push(call);
    const failure = arm.failures.get(call.slice(0, call.indexOf('(')))?.shift();
    if (failure) throw failure;
  };
  const operationOf = (name: string, token: string): ArmOperation => ({
    name,
    token,
    async wait() {
      await Promise.resolve();
      arm.onWait(name);
      later.get(token)?.();
      later.delete(token);
    },
  });
  const begin = (name: string, effect: () => void): Promise<ArmOperation> => {
    const token = JSON.stringify({ name, number: (operations += 1) });
    later.set(token, effect);
    return Promise.resolve(operationOf(name, token));
  };
  const key = (group: string, name: string): string => `${group}/${name}`;
  const power = (group: string, name: string, between: PowerState, end: PowerState): Promise<ArmOperation> => {
    const vm = arm.machines.get(key(group, name));
    if (!vm) throw fail('AZURE_NOT_FOUND', { what: name, azureCode: 'ResourceNotFound' });
    arm.machines.set(key(group, name), { ...vm, power: between });
    return begin(`${end} ${name}`, () => arm.machines.set(key(group, name), { ...vm, power: end }));
  };

  const arm: FakeArm = {
    groups: new Map(),
    networks: new Map(),
    machines: new Map(),
    schedules: new Map(),
    snapshots: new Map(),
    skuRows: new Map(),
    providers: new Map(
      ['Microsoft.Compute', 'Microsoft.Network', 'Microsoft.DevTestLab'].map((name) => [name, 'Registered']),
    ),
    aheadMs: 0,
    usages: { compute: [], network: [] },
    grants: [{ actions: ['*'], notActions: [] }],
    calls: [],
    failures: new Map(),
    onWait: () => undefined,
    listingLag: 0,

    within: () => arm,
    async subscription() {
      did('subscription()');
      return { id: 'sub-1', name: 'Test', state: 'Enabled', tenantId: 'tenant-1' };
    },
    clockOffset: () => Promise.resolve({ aheadMs: arm.aheadMs, uncertainMs: 1000 }),
    async providerState(namespace) {
      did(`providerState(${namespace})`);
      return arm.providers.get(namespace) ?? 'NotRegistered';
    },
    async registerProvider(namespace) {
      did(`registerProvider(${namespace})`);
      arm.providers.set(namespace, 'Registered');
    },
    async permissions() {
      did('permissions()');
      return arm.grants;
    },
    async computeUsages(region) {
      did(`computeUsages(${region})`);
      return arm.usages.compute;
    },
    async networkUsages(region) {
      did(`networkUsages(${region})`);
      return arm.usages.network;
    },
    async vmSkus(region) {
      did(`vmSkus(${region})`);
      return arm.skuRows.get(region) ?? [];
    },

    async getResourceGroup(name) {
      did(`getResourceGroup(${name})`);
      return arm.groups.get(name);
    },
    async listResourceGroups() {
      did('listResourceGroups()');
      return [...arm.groups.values()];
    },
    async putResourceGroup(name, region, tags) {
      did(`putResourceGroup(${name})`);
      const group = { name, region, tags, provisioningState: 'Succeeded' };
      arm.groups.set(name, group);
      return group;
    },
    async deleteResourceGroup(name) {
      did(`deleteResourceGroup(${name})`);
      return begin(`delete group ${name}`, () => {
        arm.groups.delete(name);
        for (const full of [...arm.machines.keys()]) if (full.startsWith(`${name}/`)) arm.machines.delete(full);
      });
    },
    async deleteResource({ name }) {
      did(`deleteResource(${name})`);
    },
    async listResources(group) {
      did(`listResources(${group})`);
      const lagging = !arm.groups.has(group) && (arm.listingLag -= 1) >= 0;
      const rows = [...arm.machines.values()].filter((vm) => arm.machines.has(key(group, vm.name)));
      return [
        ...rows.map((vm) => ({ id: vm.id, name: vm.name, type: 'Microsoft.Compute/virtualMachines', tags: vm.tags })),
        ...(lagging ? [{ id: 'x', name: 'ghost', type: 'Microsoft.Network/networkInterfaces', tags: {} }] : []),
      ];
    },

    async listTagged() {
      did('listTagged()');
      return [...arm.machines.values()].map((vm) => ({
        id: vm.id,
        name: vm.name,
        type: 'Microsoft.Compute/virtualMachines',
        tags: vm.tags,
      }));
    },
    async listStorage() {
      did('listStorage()');
      return [];
    },

    async getSnapshot(_group, name) {
      did(`getSnapshot(${name})`);
      return arm.snapshots.get(name);
    },
    async putSnapshot({ name, region, tags, diskId }) {
      did(`putSnapshot(${name})`);
      const more = { gb: 256, isComplete: true, provisioningState: 'Succeeded' };
      arm.snapshots.set(name, { id: `${diskId}-copy`, name, region, tags, ...more });
    },

    async getNetwork(group) {
      did(`getNetwork(${group})`);
      return arm.networks.get(group);
    },
    async putNetwork(spec) {
      did(`putNetwork(${spec.callerCidr})`);
      const network = {
        vnetId: 'vnet',
        subnetId: 'subnet',
        nsgId: 'nsg',
        sshSources: [spec.callerCidr],
        otherInbound: [],
      };
      arm.networks.set(spec.resourceGroup, network);
      return network;
    },

    async putPublicAddress(spec) {
      did(`putPublicAddress(${spec.name})`);
    },

    async getVm(group, name) {
      did(`getVm(${name})`);
      return arm.machines.get(key(group, name));
    },
    async listVms(group) {
      did(`listVms(${group})`);
      return [...arm.machines].filter(([full]) => full.startsWith(`${group}/`)).map(([, vm]) => vm);
    },
    async beginCreateVm(spec) {
      did(`beginCreateVm(${spec.name})`);
      return begin(`create ${spec.name}`, () =>
        arm.machines.set(key(spec.resourceGroup, spec.name), vmOf(spec.resourceGroup, spec.name)),
      );
    },
    async beginStartVm(group, name) {
      did(`beginStartVm(${name})`);
      return power(group, name, 'starting', 'running');
    },
    async beginDeallocateVm(group, name) {
      did(`beginDeallocateVm(${name})`);
      return power(group, name, 'deallocating', 'deallocated');
    },
    async beginRestartVm(group, name) {
      did(`beginRestartVm(${name})`);
      return power(group, name, 'starting', 'running');
    },
    async beginDeleteVm(group, name) {
      did(`beginDeleteVm(${name})`);
      return begin(`delete ${name}`, () => arm.machines.delete(key(group, name)));
    },
    async resumeOperation(token) {
      did('resumeOperation()');
      if (!later.has(token)) throw fail('AZURE_OPERATION_LOST', { name: 'saved operation', reason: 'forgotten' });
      return operationOf('resumed', token);
    },

    async putShutdownSchedule(_group, vmName, _region, timeUtc) {
      did(`putShutdownSchedule(${vmName})`);
      arm.schedules.set(vmName, timeUtc);
    },
    async getShutdownSchedule(_group, vmName) {
      did(`getShutdownSchedule(${vmName})`);
      return arm.schedules.get(vmName);
    },
  };
  return arm;
}
