import { refuse, type ArmError } from './arm-error.js';
import type { ResourceType, VirtualMachine } from './model.js';
import { coreQuotas } from './options.js';
import { findSize, type VmSize } from './sizes.js';
import type { AzureState } from './state.js';
import { listOf } from './state.js';

export interface UsageEntry {
  readonly name: string;
  readonly title: string;
  readonly current: number;
  readonly limit: number;
}

/** Compute usages of a region. Only machines that hold a place count; a deallocated one counts nothing. */
export function computeUsages(state: AzureState, location: string): readonly UsageEntry[] {
  const machines = listOf(state, 'Microsoft.Compute/virtualMachines').filter((vm) => vm.location === location);
  const disks = listOf(state, 'Microsoft.Compute/disks').filter((disk) => disk.location === location);
  const coresOf = (pick: (vm: VirtualMachine, size: VmSize) => boolean): number =>
    machines.reduce((sum, vm) => {
      const size = findSize(vm.size);
      return sum + (size && vm.allocated && pick(vm, size) ? size.cores : 0);
    }, 0);
  const current = (quota: string): number => {
    if (quota === 'lowPriorityCores') return coresOf((vm) => vm.priority === 'Spot');
    if (quota === 'cores') return coresOf((vm) => vm.priority === 'Regular');
    return coresOf((vm, size) => vm.priority === 'Regular' && size.family === quota);
  };
  return [
    { name: 'availabilitySets', title: 'Availability Sets', current: 0, limit: 2500 },
    ...coreQuotas(state.options.quotas).map((quota) => ({ ...quota, current: current(quota.name) })),
    { name: 'virtualMachines', title: 'Virtual Machines', current: machines.length, limit: 25_000 },
    { name: 'virtualMachineScaleSets', title: 'Virtual Machine Scale Sets', current: 0, limit: 2500 },
    {
      name: 'PremiumDiskCount',
      title: 'Premium Storage Managed Disks',
      current: disks.filter((disk) => disk.sku.startsWith('Premium_')).length,
      limit: 50_000,
    },
  ];
}

/** Network usages of a region. */
export function networkUsages(state: AzureState, location: string): readonly UsageEntry[] {
  const count = (type: ResourceType): number =>
    listOf(state, type).filter((entry) => entry.location === location).length;
  const ips = count('Microsoft.Network/publicIPAddresses');
  const limit = state.options.quotas.publicIps;
  return [
    {
      name: 'VirtualNetworks',
      title: 'Virtual Networks',
      current: count('Microsoft.Network/virtualNetworks'),
      limit: 1000,
    },
    {
      name: 'NetworkSecurityGroups',
      title: 'Network Security Groups',
      current: count('Microsoft.Network/networkSecurityGroups'),
      limit: 5000,
    },
    {
      name: 'NetworkInterfaces',
      title: 'Network Interfaces',
      current: count('Microsoft.Network/networkInterfaces'),
      limit: 65_536,
    },
    { name: 'PublicIPAddresses', title: 'Public IP Addresses', current: ips, limit },
    { name: 'StaticPublicIPAddresses', title: 'Static Public IP Addresses', current: ips, limit },
    { name: 'StandardSkuPublicIpAddresses', title: 'Public IP Addresses - Standard', current: ips, limit },
  ];
}

/** Raises `OperationNotAllowed` when a machine of this size does not fit into the quotas of its region any more. */
export function checkCoreQuota(
  state: AzureState,
  location: string,
  size: VmSize,
  priority: VirtualMachine['priority'],
): void {
  const wanted = priority === 'Spot' ? ['lowPriorityCores'] : ['cores', size.family];
  const usages = computeUsages(state, location);
  for (const name of wanted) {
    const usage = usages.find((entry) => entry.name === name);
    if (usage && usage.current + size.cores > usage.limit) throw coreQuotaError(location, usage, size.cores);
  }
}

/** The refusal as if the regional quota were used up; what the fault `azure-quota-exceeded` raises. */
export function exhaustedQuotaError(state: AzureState, location: string, size: VmSize): ArmError {
  const usage = computeUsages(state, location).find((entry) => entry.name === 'cores');
  const current = usage?.current ?? 0;
  return coreQuotaError(location, { name: 'cores', title: '', current, limit: current }, size.cores);
}

function coreQuotaError(location: string, usage: UsageEntry, required: number): ArmError {
  const regional = usage.name === 'cores';
  const quota = regional
    ? 'Total Regional Cores'
    : usage.name === 'lowPriorityCores'
      ? 'LowPriorityCores'
      : `${usage.name} Cores`;
  const page = regional ? 'regional-quota-requests' : 'per-vm-quota-requests';
  return refuse(
    409,
    'OperationNotAllowed',
    `Operation could not be completed as it results in exceeding approved ${quota} quota. Additional details - Deployment Model: ` +
      `Resource Manager, Location: ${location}, Current Limit: ${usage.limit}, Current Usage: ${usage.current}, Additional Required: ` +
      `${required}, (Minimum) New Limit Required: ${usage.current + required}. Setup Alerts when Quota reaches threshold. Submit a ` +
      'request for Quota increase at https://aka.ms/ProdportalCRP/#blade/Microsoft_Azure_Capacity/UsageAndQuota.ReactView by ' +
      "specifying parameters listed in the 'Details' section for deployment to succeed. Please read more about quota limits at " +
      `https://docs.microsoft.com/en-us/azure/azure-supportability/${page}`,
  );
}
