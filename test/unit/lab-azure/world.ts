import { ArmError } from '../../../src/lab/world/azure/arm-error.js';
import { createFaultBox } from '../../../src/lab/faults/fault-box.js';
import { createAzureWorld, type AzureWorld } from '../../../src/lab/world/azure/azure-world.js';
import type { VmBody } from '../../../src/lab/world/azure/bodies/compute.js';
import type { NsgBody } from '../../../src/lab/world/azure/bodies/network.js';
import { putNic } from '../../../src/lab/world/azure/network-interfaces.js';
import { putNsg } from '../../../src/lab/world/azure/network-security-groups.js';
import type { AzureOptions } from '../../../src/lab/world/azure/options.js';
import { putPublicIp } from '../../../src/lab/world/azure/public-ips.js';
import { putGroup } from '../../../src/lab/world/azure/resource-groups.js';
import { putVm } from '../../../src/lab/world/azure/virtual-machines.js';
import { putVnet } from '../../../src/lab/world/azure/virtual-networks.js';
import { realisticDurations } from '../../../src/lab/world/durations.js';
import { createSimulation, type Simulation } from '../../../src/lab/world/simulation.js';
import { createFakeMachines, type FakeMachine } from '../../contract/arm-wire/fake-machine.js';

export const location = 'eastus';
export const group = 'rg';
export const caller = '203.0.113.7';
export const at = (name: string) => ({ group, name });

/** The code a call is refused with, or `none`. */
export const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof ArmError) return error.body.code;
    throw error;
  }
  return 'none';
};

export interface TestWorld {
  readonly azure: AzureWorld;
  readonly simulation: Simulation;
  readonly machines: readonly FakeMachine[];
  advance(ms: number): void;
}

export function createTestWorld(options: Partial<AzureOptions> = {}): TestWorld {
  const faults = createFaultBox(
    () => simulation.now,
    () => simulation.random(),
  );
  const startMs = Date.UTC(2026, 5, 1, 10);
  const simulation: Simulation = createSimulation({ startMs, seed: 3, durations: realisticDurations, faults });
  const machines = createFakeMachines(simulation);
  const azure = createAzureWorld({ simulation, createMachine: machines.create, options });
  return {
    azure,
    simulation,
    machines: machines.made,
    advance(ms) {
      simulation.advanceTo(simulation.now + ms);
    },
  };
}

type RuleBody = NonNullable<NonNullable<NsgBody['properties']>['securityRules']>[number];

/** An inbound TCP rule. */
export function rule(
  name: string,
  priority: number,
  access: 'Allow' | 'Deny',
  source: string,
  ports: string,
): RuleBody {
  return {
    name,
    properties: {
      priority,
      access,
      direction: 'Inbound',
      protocol: 'Tcp',
      sourceAddressPrefix: source,
      sourcePortRange: '*',
      destinationAddressPrefix: '*',
      destinationPortRange: ports,
    },
  };
}

const key = `ssh-ed25519 ${Buffer.concat([
  Buffer.from([0, 0, 0, 11]),
  Buffer.from('ssh-ed25519'),
  Buffer.from([0, 0, 0, 32]),
  Buffer.alloc(32, 9),
]).toString('base64')}`;

export function vmBody(nicId: string, change: Partial<VmBody['properties']> = {}): VmBody {
  return {
    location,
    properties: {
      hardwareProfile: { vmSize: 'Standard_D8ds_v5' },
      storageProfile: {
        imageReference: { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server', version: 'latest' },
        osDisk: { createOption: 'FromImage', deleteOption: 'Delete' },
        dataDisks: [{ lun: 0, name: 'data', createOption: 'Empty', diskSizeGB: 128 }],
      },
      osProfile: {
        computerName: 'w1',
        adminUsername: 'azureuser',
        linuxConfiguration: { ssh: { publicKeys: [{ keyData: key }] } },
      },
      networkProfile: { networkInterfaces: [{ id: nicId, properties: { deleteOption: 'Delete' } }] },
      ...change,
    },
  };
}

interface NetworkOptions {
  readonly subnetRules?: readonly RuleBody[];
  readonly nicRules?: readonly RuleBody[];
}

/** Group, subnet, NIC `n` with address `ip`; groups only where rules are given. Everything settled. */
export function buildNetwork(
  world: TestWorld,
  { subnetRules, nicRules }: NetworkOptions,
): { nicId: string; address: string } {
  const { azure } = world;
  putGroup(azure, group, location, {});
  const nsg = (name: string, rules: readonly RuleBody[] | undefined) =>
    rules
      ? { id: putNsg(azure, at(name), { location, properties: { securityRules: [...rules] } }).resource.id }
      : undefined;
  const subnetNsg = nsg('nsg-subnet', subnetRules);
  const nicNsg = nsg('nsg-nic', nicRules);
  const ip = putPublicIp(azure, at('ip'), {
    location,
    sku: { name: 'Standard' },
    properties: { publicIPAllocationMethod: 'Static' },
  }).resource;
  world.advance(10_000);
  const vnet = putVnet(azure, at('vnet'), {
    location,
    properties: {
      addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
      subnets: [
        {
          name: 's',
          properties: { addressPrefix: '10.0.0.0/29', ...(subnetNsg ? { networkSecurityGroup: subnetNsg } : {}) },
        },
      ],
    },
  }).resource;
  world.advance(10_000);
  const nic = putNic(azure, at('n'), {
    location,
    properties: {
      ipConfigurations: [
        { name: 'c', properties: { subnet: { id: `${vnet.id}/subnets/s` }, publicIPAddress: { id: ip.id } } },
      ],
      ...(nicNsg ? { networkSecurityGroup: nicNsg } : {}),
    },
  }).resource;
  world.advance(10_000);
  return { nicId: nic.id, address: ip.address };
}

/** A running VM `w1`. */
export function buildVm(
  world: TestWorld,
  options: NetworkOptions = { nicRules: [rule('ssh', 100, 'Allow', `${caller}/32`, '22')] },
) {
  const network = buildNetwork(world, options);
  const vm = putVm(world.azure, at('w1'), vmBody(network.nicId), '2026-03-01').resource;
  world.advance(130_000);
  return { ...network, vm };
}
