import type { NetworkInterface, PublicIPAddress } from '@azure/arm-network';
import { fail, WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { AddressSpec, VirtualMachine, VmSpec } from './arm.js';
import { networkChange } from './networks.js';
import type { OperationToken, VmAction } from './operation-token.js';
import { groupOfId, nameOfId, vmResourceNames } from './resource-names.js';
import { collect } from './collect.js';
import type { SdkClients } from './sdk.js';
import type { ArmSession, RequestOptions } from './session.js';
import { vmBody } from './vm-body.js';
import { primaryNicId, vmView } from './vm-view.js';

/** What a compute poller shows before it is polled. */
interface ComputePoller {
  submitted(): Promise<void>;
  serialize(): Promise<string>;
  readonly operationState: { readonly status: string } | undefined;
}

function publicIpId(nic: NetworkInterface | undefined): string | undefined {
  const configurations = nic?.ipConfigurations ?? [];
  return (configurations.find((one) => one.primary) ?? configurations[0])?.publicIPAddress?.id;
}

const sameId = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && a.toLowerCase() === b?.toLowerCase();

/** Model, power and public address of a VM in one view; undefined when the VM does not exist. */
export async function getVm(
  session: ArmSession,
  clients: SdkClients,
  group: string,
  name: string,
  deadline: Deadline,
): Promise<VirtualMachine | undefined> {
  const vm = await session.find(`VM ${name}`, deadline, (options) =>
    clients.compute.virtualMachines.get(group, name, { expand: 'instanceView', ...options }),
  );
  if (!vm) return undefined;
  const nicId = primaryNicId(vm);
  const nic =
    nicId === undefined
      ? undefined
      : await session.find(`interface of ${name}`, deadline, (options) =>
          clients.network.networkInterfaces.get(groupOfId(nicId) ?? group, nameOfId(nicId), options),
        );
  const ipId = publicIpId(nic);
  const ip =
    ipId === undefined
      ? undefined
      : await session.find(`public address of ${name}`, deadline, (options) =>
          clients.network.publicIPAddresses.get(groupOfId(ipId) ?? group, nameOfId(ipId), options),
        );
  return vmView(vm, ip?.ipAddress);
}

/** Every VM of a group with power and address, in four requests however many there are. Empty when the group is gone. */
export async function listVms(
  session: ArmSession,
  clients: SdkClients,
  group: string,
  deadline: Deadline,
): Promise<readonly VirtualMachine[]> {
  const all = <T>(what: string, list: (options: RequestOptions) => AsyncIterable<T>): Promise<readonly T[]> =>
    session
      .find(`${what} of ${group}`, deadline, (options) => collect(list(options), (row) => row))
      .then((rows) => rows ?? []);
  const [vms, nics, ips] = await Promise.all([
    all('VMs', (options) => clients.compute.virtualMachines.list(group, { expand: 'instanceView', ...options })),
    all<NetworkInterface>('interfaces', (options) => clients.network.networkInterfaces.list(group, options)),
    all<PublicIPAddress>('public addresses', (options) => clients.network.publicIPAddresses.list(group, options)),
  ]);
  return vms.map((vm) => {
    const nic = nics.find((one) => sameId(one.id, primaryNicId(vm)));
    return vmView(vm, ips.find((one) => sameId(one.id, publicIpId(nic)))?.ipAddress);
  });
}

/** What Azure is doing to a VM, in one request: `Creating`, `Succeeded`, ...; undefined when it does not exist. */
export function stateOfVm(
  session: ArmSession,
  clients: SdkClients,
  group: string,
  name: string,
  deadline: Deadline,
): Promise<string | undefined> {
  return session.find(
    `VM ${name}`,
    deadline,
    async (options) => (await clients.compute.virtualMachines.get(group, name, options)).provisioningState,
  );
}

/** The same of every VM of a group, by name in lower case. */
export async function statesOfVms(
  session: ArmSession,
  clients: SdkClients,
  group: string,
  deadline: Deadline,
): Promise<ReadonlyMap<string, string>> {
  const states = await session.find(`VMs of ${group}`, deadline, (options) =>
    collect(
      clients.compute.virtualMachines.list(group, options),
      ({ name = '', provisioningState = '' }) => [name.toLowerCase(), provisioningState] as const,
    ),
  );
  return new Map(states);
}

/** Sends a VM action and takes its token; does not wait. */
async function begin(
  session: ArmSession,
  of: { readonly subscriptionId: string; readonly group: string; readonly vm: string; readonly action: VmAction },
  deadline: Deadline,
  send: (options: RequestOptions) => ComputePoller,
): Promise<OperationToken> {
  const name = `${of.action} vm ${of.vm}`;
  const state = await session.call(name, deadline, async (options) => {
    const poller = send(options);
    await poller.submitted();
    const status = poller.operationState?.status;
    if (status === 'failed' || status === 'canceled') throw new Error('The long-running operation has failed');
    return status === 'succeeded' ? undefined : poller.serialize();
  });
  session.emit('arm.operation', { name, state: 'started' }, `${name}: started`);
  return state === undefined ? { v: 1, kind: 'done', name } : { v: 1, kind: 'vm', name, ...of, state };
}

/** The public address of a VM, made when it is missing; its id. */
export async function putPublicIp(
  session: ArmSession,
  clients: SdkClients,
  spec: AddressSpec,
  deadline: Deadline,
): Promise<string> {
  const name = vmResourceNames(spec.name).publicIp;
  const found = await session.find(`public address ${name}`, deadline, (options) =>
    clients.network.publicIPAddresses.get(spec.resourceGroup, name, options),
  );
  if (found?.id !== undefined && found.provisioningState === 'Succeeded') return found.id;
  const made = await networkChange(session, `create public address ${name}`, deadline, (options) =>
    clients.network.publicIPAddresses.beginCreateOrUpdate(
      spec.resourceGroup,
      name,
      {
        location: spec.region,
        tags: { ...spec.tags },
        sku: { name: 'Standard', tier: 'Regional' },
        publicIPAllocationMethod: 'Static',
        publicIPAddressVersion: 'IPv4',
        deleteOption: 'Delete',
      },
      options,
    ),
  );
  return idOf(name, made);
}

async function putNic(
  session: ArmSession,
  clients: SdkClients,
  spec: VmSpec,
  publicIp: string,
  deadline: Deadline,
): Promise<string> {
  const name = vmResourceNames(spec.name).nic;
  const found = await session.find(`interface ${name}`, deadline, (options) =>
    clients.network.networkInterfaces.get(spec.resourceGroup, name, options),
  );
  const settled = found?.provisioningState === 'Succeeded' && sameId(publicIpId(found), publicIp);
  if (settled && found.id !== undefined) return found.id;
  const made = await networkChange(session, `create interface ${name}`, deadline, (options) =>
    clients.network.networkInterfaces.beginCreateOrUpdate(
      spec.resourceGroup,
      name,
      {
        location: spec.region,
        tags: { ...spec.tags },
        networkSecurityGroup: { id: spec.nsgId },
        ipConfigurations: [
          {
            name: 'ipconfig1',
            primary: true,
            privateIPAllocationMethod: 'Dynamic',
            subnet: { id: spec.subnetId },
            publicIPAddress: { id: publicIp, deleteOption: 'Delete' },
          },
        ],
      },
      options,
    ),
  );
  return idOf(name, made);
}

function idOf(name: string, resource: { readonly id?: string } | undefined): string {
  if (resource?.id === undefined)
    throw fail('AZURE_BAD_ANSWER', { what: name, detail: 'what was just made is not there' });
  return resource.id;
}

/** Public address and interface first, each only when missing, then the VM; the same spec again continues or repairs. */
export async function beginCreateVm(
  session: ArmSession,
  clients: SdkClients,
  subscriptionId: string,
  spec: VmSpec,
  deadline: Deadline,
): Promise<OperationToken> {
  const publicIp = await putPublicIp(session, clients, spec, deadline);
  const nicId = await putNic(session, clients, spec, publicIp, deadline);
  const of = { subscriptionId, group: spec.resourceGroup, vm: spec.name, action: 'create' } as const;
  return begin(session, of, deadline, (options) =>
    clients.compute.virtualMachines.createOrUpdate(spec.resourceGroup, spec.name, vmBody(spec, nicId), options),
  );
}

/** Begins one of the actions that need nothing but the VM's name; deleting what is gone is done at once. */
export async function beginVmAction(
  session: ArmSession,
  clients: SdkClients,
  subscriptionId: string,
  action: Exclude<VmAction, 'create'>,
  group: string,
  name: string,
  deadline: Deadline,
): Promise<OperationToken> {
  const { virtualMachines } = clients.compute;
  try {
    return await begin(session, { subscriptionId, group, vm: name, action }, deadline, (options) =>
      virtualMachines[action](group, name, options),
    );
  } catch (error) {
    if (action !== 'delete' || !(error instanceof WaaError) || error.code !== 'AZURE_NOT_FOUND') throw error;
    return { v: 1, kind: 'done', name: `delete vm ${name}` };
  }
}
