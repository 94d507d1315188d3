import type { Machine, MachineFactory } from '../contracts.js';
import type { Simulation } from '../simulation.js';
import type { Tags } from './bodies/common.js';
import { createOperations } from './operations.js';
import { defaultAzureOptions, type AzureOptions } from './options.js';
import { resolvePublicAddress, type PublicAddress } from './public-address.js';
import type { AzureState } from './state.js';
import { listOf, resourcesIn } from './state.js';

/** What a subscription holds, short: for assertions and for people. */
export interface AzureSummary {
  readonly groups: readonly {
    readonly name: string;
    readonly region: string;
    readonly state: string;
    readonly tags: Tags;
    readonly resources: readonly { readonly type: string; readonly name: string; readonly state: string }[];
  }[];
  readonly virtualMachines: readonly {
    readonly name: string;
    readonly size: string;
    readonly power: string | undefined;
    readonly provisioningState: string;
  }[];
}

/** The emulated subscription. */
export interface AzureWorld extends AzureState {
  readonly subscriptionId: string;
  /** The machine behind a public address, with its firewall; undefined when nothing is there. */
  resolvePublicAddress(ip: string): PublicAddress | undefined;
  /** The machine of a VM by the VM's name, when it ever had power. */
  findMachine(vmName: string): Machine | undefined;
  summary(): AzureSummary;
}

export interface AzureWorldDeps {
  readonly simulation: Simulation;
  readonly createMachine: MachineFactory;
  /** What differs from `defaultAzureOptions`. */
  readonly options?: Partial<AzureOptions>;
}

/** Creates an empty subscription. Pure: time and chance come from the simulation. */
export function createAzureWorld(deps: AzureWorldDeps): AzureWorld {
  const options: AzureOptions = { ...defaultAzureOptions, ...deps.options };
  const state: AzureState = {
    simulation: deps.simulation,
    createMachine: deps.createMachine,
    options,
    groups: new Map(),
    resources: new Map(),
    operations: createOperations(deps.simulation),
    groupDeletions: new Map(),
    providers: new Map(options.registeredProviders.map((namespace) => [namespace.toLowerCase(), 'Registered'])),
    features: new Map(),
    meters: new Map(),
    usedAddresses: new Set(),
  };
  const machines = () => listOf(state, 'Microsoft.Compute/virtualMachines');
  return {
    ...state,
    subscriptionId: options.subscriptionId,
    resolvePublicAddress: (ip) => resolvePublicAddress(state, ip),
    findMachine: (vmName) => machines().find((vm) => vm.name.toLowerCase() === vmName.toLowerCase())?.machine,
    summary: () => ({
      groups: [...state.groups.values()].map((group) => ({
        name: group.name,
        region: group.location,
        state: group.provisioningState,
        tags: group.tags,
        resources: resourcesIn(state, group.name).map((resource) => ({
          type: resource.type,
          name: resource.name,
          state: resource.provisioningState,
        })),
      })),
      virtualMachines: machines().map(({ name, size, power, provisioningState }) => ({
        name,
        size,
        power,
        provisioningState,
      })),
    }),
  };
}
