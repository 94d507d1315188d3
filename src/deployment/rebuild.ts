import type { ResourceGroup, ResourceRef, VirtualMachine } from '../clients/arm/arm.js';
import { isBilled } from './cost.js';
import { workerOfResource, workerOfVm } from './names.js';
import { readTags } from './tags.js';

/** What names and tags in Azure tell of a deployment whose record was lost. */
export interface Rebuilt {
  readonly owner: string | undefined;
  readonly region: string;
  readonly vmSize: string | undefined;
  /** Sorted by number: everyone of whom anything stands, if only an address. `w0` alone where nothing was made yet. */
  readonly workers: readonly string[];
  /** Undefined where there is no VM to tell. */
  readonly spot: boolean | undefined;
  /** Availability zones the VMs are bound to. */
  readonly zones: readonly string[];
  readonly createdAt: string;
  readonly intent: 'creating' | 'ready' | 'paused';
}

/** What stands in a resource group with our tags. */
export interface Standing {
  readonly group: ResourceGroup;
  readonly vms: readonly VirtualMachine[];
  readonly resources: readonly ResourceRef[];
}

/**
 * Rebuilds from what stands in the group; VMs with other names are left out. Where a worker has no VM the deployment was
 * not finished: it is still being created. Pure.
 */
export function rebuildDeployment(deployment: string, { group, vms, resources }: Standing, nowMs: number): Rebuilt {
  const tags = readTags(group.tags);
  const own = vms.filter((vm) => workerOfVm(deployment, vm.name) !== undefined);
  const [first] = own;
  const names = [...vms, ...resources].flatMap(({ name }) => workerOfResource(deployment, name) ?? []);
  const workers = [...new Set(names)].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
  const isPaused = own.every(({ power }) => !isBilled(power));
  return {
    owner: tags?.owner,
    region: first?.region ?? group.region,
    vmSize: first?.size,
    workers: workers.length === 0 ? ['w0'] : workers,
    spot: first?.spot,
    zones: [...new Set(own.flatMap(({ zone }) => zone ?? []))].sort(),
    createdAt: new Date(tags?.createdAt ?? nowMs).toISOString(),
    intent: own.length === 0 || own.length < workers.length ? 'creating' : isPaused ? 'paused' : 'ready',
  };
}
