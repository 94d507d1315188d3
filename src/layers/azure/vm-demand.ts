import type { VirtualMachine } from '../../clients/arm/arm.js';

/** What VMs that shall run still have to get from the quota of their region. */
export interface VmDemand {
  /** VMs to be made or started. */
  readonly vms: number;
  /** Public addresses to be made. */
  readonly addresses: number;
}

/**
 * What stands in Azure is not counted twice: a VM that is missing needs vCPUs and an address; one that is deallocated gave
 * its vCPUs back and needs them again to start, and has kept its address; any other one, stopped or running, has both. Pure.
 */
export function vmDemand(wanted: readonly string[], standing: readonly VirtualMachine[]): VmDemand {
  const found = wanted.map((name) => standing.find((vm) => vm.name.toLowerCase() === name.toLowerCase()));
  const addresses = found.filter((vm) => vm === undefined).length;
  return { vms: addresses + found.filter((vm) => vm?.power === 'deallocated').length, addresses };
}
