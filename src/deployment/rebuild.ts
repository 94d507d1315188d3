import type { ResourceGroup, VirtualMachine } from '../clients/arm/arm.js';
import { isBilled } from './cost.js';
import { workerOfVm } from './names.js';
import { readTags } from './tags.js';

/** What names and tags in Azure tell of a deployment whose record was lost. */
export interface Rebuilt {
  readonly owner: string | undefined;
  readonly region: string;
  readonly vmSize: string | undefined;
  /** Sorted by number; `w0` alone where no VM was made yet. */
  readonly workers: readonly string[];
  readonly spot: boolean;
  /** Availability zones the VMs are bound to. */
  readonly zones: readonly string[];
  readonly createdAt: string;
  readonly intent: 'creating' | 'ready' | 'paused';
}

/** Rebuilds from a resource group with our tags and the VMs in it; VMs with other names are left out. Pure. */
export function rebuildDeployment(
  deployment: string,
  group: ResourceGroup,
  vms: readonly VirtualMachine[],
  nowMs: number,
): Rebuilt {
  const tags = readTags(group.tags);
  const own = vms.flatMap((vm) => {
    const worker = workerOfVm(deployment, vm.name);
    return worker === undefined ? [] : [{ worker, vm }];
  });
  own.sort((a, b) => Number(a.worker.slice(1)) - Number(b.worker.slice(1)));
  const [first] = own;
  const isPaused = own.every(({ vm }) => !isBilled(vm.power));
  return {
    owner: tags?.owner,
    region: first?.vm.region ?? group.region,
    vmSize: first?.vm.size,
    workers: own.length === 0 ? ['w0'] : own.map(({ worker }) => worker),
    spot: first?.vm.spot ?? false,
    zones: [...new Set(own.flatMap(({ vm }) => vm.zone ?? []))].sort(),
    createdAt: new Date(tags?.createdAt ?? nowMs).toISOString(),
    intent: own.length === 0 ? 'creating' : isPaused ? 'paused' : 'ready',
  };
}
