import { stat } from 'node:fs/promises';
import { sameOwner, TAG_NAMES, tagValue } from '../azure/tags.js';
import type { ResourceRef, VirtualMachine } from '../clients/arm/arm.js';
import { workerOfResource, workerOfVm } from '../deployment/names.js';
import {
  planSweep,
  type KnownHere,
  type SweepFinding,
  type SweepTerms,
  type SweptGroup,
} from '../deployment/sweep-plan.js';
import { readTags } from '../deployment/tags.js';
import { readJournal } from '../events/journal.js';
import { asWaaError, type WaaError } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';
import { findDeployment, type DeploymentRecord } from '../state/deployment.js';
import { lastUseMs } from '../state/last-use.js';
import { holderOf } from './lock-deployment.js';
import { resultsAway } from './results-home.js';

/** True for what the caller owns; what has no owner belongs to whoever finds it. */
export function isOwn(owner: string | undefined, session: Pick<Session, 'owner'>): boolean {
  return owner === undefined || sameOwner(owner, session.owner);
}

type TaggedGroup = Pick<SweptGroup, 'group' | 'tags'>;

/** What a look at the subscription found. */
export interface GroupsSeen {
  readonly ours: readonly SweptGroup[];
  /** Ours, too, but what is in them could not be listed; nothing may be done about them. */
  readonly unseen: readonly (TaggedGroup & { readonly fault: WaaError })[];
  /** Resources of ours outside of any deployment's group. */
  readonly strays: readonly ResourceRef[];
}

/**
 * Everything a sweep looks at: groups with our tag, those of ours with VMs, schedules and what was left behind, and strays.
 * One that may not be looked into hides no other.
 */
export async function lookAtGroups(session: Session, everyone: boolean, deadline: Deadline): Promise<GroupsSeen> {
  const { clients, retry, signal } = session;
  const { arm } = clients;
  const all = await retry('arm', (own) => arm.listResourceGroups(TAG_NAMES.deployment, own), { deadline });
  const chosen = all.flatMap((group) => {
    const tags = readTags(group.tags);
    return tags && (everyone || isOwn(tags.owner, session)) ? [{ group, tags }] : [];
  });
  const looks = await Promise.all(
    chosen.map(async (one) => {
      try {
        return { seen: await lookInto(session, one, deadline) };
      } catch (error) {
        if (signal.aborted) throw error;
        return { unseen: { ...one, fault: asWaaError(error) } };
      }
    }),
  );
  const tagged = await retry('arm', (own) => arm.listTagged(TAG_NAMES.deployment, own), { deadline });
  const inside = all.map((group) => `/resourcegroups/${group.name.toLowerCase()}/`);
  return {
    ours: looks.flatMap(({ seen }) => seen ?? []),
    unseen: looks.flatMap(({ unseen }) => unseen ?? []),
    strays: tagged.filter(
      ({ id, tags }) =>
        !inside.some((part) => id.toLowerCase().includes(part)) &&
        (everyone || isOwn(tagValue(tags, TAG_NAMES.owner), session)),
    ),
  };
}

async function lookInto(
  { clients: { arm }, retry }: Session,
  { group, tags }: TaggedGroup,
  deadline: Deadline,
): Promise<SweptGroup> {
  const [vms, resources] = await Promise.all([
    retry('arm', (own) => arm.listVms(group.name, own), { deadline }),
    retry('arm', (own) => arm.listResources(group.name, own), { deadline }),
  ]);
  const scheduled = await Promise.all(
    vms.map(async ({ name }) => {
      const time = await retry('arm', (own) => arm.getShutdownSchedule(group.name, name, own), { deadline });
      return time === undefined ? [] : [name];
    }),
  );
  const leftovers = leftoversOf(tags.deployment, resources, vms);
  return { group, tags, vms, guarded: new Set(scheduled.flat()), leftovers };
}

/** What is named after a worker whose VM is gone. */
function leftoversOf(
  deployment: string,
  resources: readonly ResourceRef[],
  vms: readonly VirtualMachine[],
): readonly ResourceRef[] {
  const standing = new Set(vms.map((vm) => workerOfVm(deployment, vm.name)));
  return resources.filter(({ name }) => {
    const worker = workerOfResource(deployment, name);
    return worker !== undefined && !standing.has(worker);
  });
}

/**
 * The record of the deployment a group belongs to; undefined when this machine has none. One of the same name is another
 * deployment when it is on hosts of the user's own, or was made at another time. Raises the OWN_STATE_* failures.
 */
export async function recordOf(
  { paths }: Pick<Session, 'paths'>,
  { group, tags }: TaggedGroup,
): Promise<DeploymentRecord | undefined> {
  const record = await findDeployment(paths, tags.deployment);
  if (!record || record.hosts || record.resourceGroup.toLowerCase() !== group.name.toLowerCase()) return undefined;
  return Date.parse(record.createdAt) === Date.parse(tags.createdAt ?? '') ? record : undefined;
}

/** A group as a sweep judges it. */
export interface Judged {
  readonly isKnown: boolean;
  readonly findings: readonly SweepFinding[];
  /** What this machine knows of it cannot be read: then nothing may be done about it, and there are no findings. */
  readonly fault?: WaaError;
}

/** Judges one group by what was seen of it and what is known of it here. A file that is damaged stops no other group. */
export async function judgeGroup(session: Session, seen: SweptGroup, terms: SweepTerms): Promise<Judged> {
  try {
    const known = await knownHere(session, seen);
    return { isKnown: known !== undefined, findings: planSweep(seen, known, terms) };
  } catch (error) {
    if (session.signal.aborted) throw error;
    return { isKnown: true, findings: [], fault: asWaaError(error) };
  }
}

/** What this machine knows of the deployment a group belongs to; undefined when nothing. */
async function knownHere(session: Session, seen: SweptGroup): Promise<KnownHere | undefined> {
  const { paths } = session;
  const record = await recordOf(session, seen);
  if (!record) return undefined;
  const { name } = record;
  const files = paths.deployment(name);
  const holder = await holderOf(session, name);
  // A run that cannot be read keeps nobody from ending what costs money; a deletion is refused when it is to be done.
  const { runs } = await resultsAway(paths, name);
  return {
    isBusy: holder !== undefined,
    openAttempts: runs.reduce((sum, { attempts }) => sum + attempts, 0),
    usedAtMs: Math.max(Date.parse(record.intentAt), await lastEventMs(files.journal), await lastUseMs(files.used)),
  };
}

/** The end of a journal that surely holds a whole line. */
const TAIL_BYTES = 65_536;

async function lastEventMs(journal: string): Promise<number> {
  const size = await stat(journal).then(
    (file) => file.size,
    () => 0, // no journal yet: nothing was done
  );
  const { events } = await readJournal(journal, Math.max(0, size - TAIL_BYTES));
  return events.at(-1)?.at ?? 0;
}
