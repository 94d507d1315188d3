import { isBeingDeleted } from '../azure/being-deleted.js';
import { KEPT_FOR_MS, TAG_NAMES, tagValue } from '../azure/tags.js';
import type { ResourceGroup, ResourceRef, VirtualMachine } from '../clients/arm/arm.js';
import { DAY_MS } from '../clock/units.js';
import { isBilled } from './cost.js';
import { pausedAge } from './lease.js';
import type { DeploymentTags } from './tags.js';

/** A deployment is announced for so long before it is deleted, whenever the first sweep comes by. */
const NOTICE_MS = DAY_MS;

/** What a sweep saw of one deployment in Azure. */
export interface SweptGroup {
  readonly group: ResourceGroup;
  readonly tags: DeploymentTags;
  readonly vms: readonly VirtualMachine[];
  /** Names of the VMs with an enabled shutdown schedule. */
  readonly guarded: ReadonlySet<string>;
  /** NICs, addresses, disks and schedules of VMs that are gone. */
  readonly leftovers: readonly ResourceRef[];
}

/** What this machine knows of a deployment. */
export interface KnownHere {
  /** A command works on it now: nothing of it is touched. */
  readonly isBusy: boolean;
  /** Attempts that may still run on its workers, or wait to be fetched. */
  readonly openAttempts: number;
  /** Epoch ms of the last thing that was done to it. */
  readonly usedAtMs: number;
}

/** What a sweep does about a finding. `none`: it is only told. */
export type SweepAction = 'none' | 'guard' | 'deallocate' | 'pause' | 'notice' | 'delete';

export interface SweepFinding {
  readonly deployment: string;
  readonly group: string;
  readonly action: SweepAction;
  /** The VM that is meant, where it is one. */
  readonly vm?: string;
  readonly text: string;
}

export interface SweepTerms {
  readonly nowMs: number;
  /** With nothing queued a pool is paused after this long; 0: never. */
  readonly idleMs: number;
}

/** What is wrong with one deployment, and what to do about it. Pure. */
export function planSweep(seen: SweptGroup, known: KnownHere | undefined, terms: SweepTerms): readonly SweepFinding[] {
  if (known?.isBusy === true || isBeingDeleted(seen.group)) return [];
  const { deployment } = seen.tags;
  const about = (action: SweepAction, text: string, vm?: string): SweepFinding => ({
    deployment,
    group: seen.group.name,
    action,
    text,
    ...(vm === undefined ? {} : { vm }),
  });
  const unknown = known ? [] : [about('none', `not known on this machine: waa adopt ${deployment}`)];
  const leftovers =
    seen.leftovers.length === 0
      ? []
      : [about('none', `left behind by VMs that are gone: ${seen.leftovers.map(({ name }) => name).join(', ')}`)];
  const billed = seen.vms.filter((vm) => isBilled(vm.power));
  const findings =
    billed.length > 0 ? ofRunning(seen, billed, known, terms, about) : ofPaused(seen, known, terms, about);
  return [...findings, ...leftovers, ...unknown];
}

type About = (action: SweepAction, text: string, vm?: string) => SweepFinding;

function ofRunning(
  { vms, guarded }: SweptGroup,
  billed: readonly VirtualMachine[],
  known: KnownHere | undefined,
  { nowMs, idleMs }: SweepTerms,
  about: About,
): readonly SweepFinding[] {
  const idleForMs = known ? nowMs - known.usedAtMs : 0;
  if (idleMs > 0 && known?.openAttempts === 0 && idleForMs >= idleMs)
    return [about('pause', `nothing is queued and nobody used it for ${Math.round(idleForMs / 60_000)} min`)];
  return billed.flatMap((vm) => {
    if (vm.power === 'stopped') return [about('deallocate', `${vm.name} is off and still billed`, vm.name)];
    if (guarded.has(vm.name)) return [];
    const of = vms.length === 1 ? '' : ` of ${vms.length}`;
    return [about('guard', `${vm.name}${of} runs without a shutdown schedule`, vm.name)];
  });
}

function ofPaused(
  seen: SweptGroup,
  known: KnownHere | undefined,
  { nowMs }: SweepTerms,
  about: About,
): readonly SweepFinding[] {
  const deleteAtMs = expiryOf(seen);
  if (deleteAtMs === undefined) {
    const text = `its ${TAG_NAMES.expires} tag is missing or no date, so it is never deleted`;
    return [about('none', `${text}: waa down --name ${seen.tags.deployment}`)];
  }
  const pausedAtMs = deleteAtMs - KEPT_FOR_MS;
  const days = Math.floor((nowMs - pausedAtMs) / DAY_MS);
  const age = pausedAge(pausedAtMs, nowMs);
  if (age === 'fine') return [];
  const since = `paused for ${days} days`;
  if (age === 'warn') return [about('none', `${since}; it will be deleted on ${dayOf(deleteAtMs)}`)];
  const noticedAtMs = Date.parse(tagValue(seen.group.tags, TAG_NAMES.notice) ?? '');
  // One that was given before it was last used does not count: whoever used it without waa left the tag where it was.
  if (Number.isNaN(noticedAtMs) || noticedAtMs < pausedAtMs) {
    const atMs = Math.max(deleteAtMs, nowMs + NOTICE_MS);
    return [about('notice', `${since}; it will be deleted after ${timeOf(atMs)}`)];
  }
  const atMs = Math.max(deleteAtMs, noticedAtMs + NOTICE_MS);
  if (nowMs < atMs) return [about('none', `${since}; it will be deleted after ${timeOf(atMs)}`)];
  if (known && known.openAttempts > 0)
    return [about('none', `${since}; kept because ${known.openAttempts} attempts are not home: waa run --resume`)];
  return [about('delete', `${since}, announced on ${dayOf(noticedAtMs)}`)];
}

/** When it may be deleted: by its tag, but never sooner than fourteen days after Azure last changed a VM of it. */
export function expiryOf({ tags, vms }: Pick<SweptGroup, 'tags' | 'vms'>): number | undefined {
  if (tags.expiresAt === undefined) return undefined;
  const changes = vms.map((vm) => (vm.changedAtMs ?? 0) + KEPT_FOR_MS);
  return Math.max(Date.parse(tags.expiresAt), ...changes);
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const timeOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
