import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { didYouMean } from '../failures/nearest.js';
import { asWaaError, fail, type WaaError } from '../failures/waa-error.js';
import { lockFiles } from './lock.js';
import type { StatePaths } from './paths.js';
import { errorCode, readState, removeEmpty, writeState, type StateKind } from './store.js';

/** What was last meant to become of a deployment. Reality is what `check` says; this says what to go on with. */
export const DEPLOYMENT_INTENTS = ['creating', 'ready', 'pausing', 'paused', 'resuming', 'deleting'] as const;
export type DeploymentIntent = (typeof DEPLOYMENT_INTENTS)[number];

/** Linux hosts somebody else looks after, and what may be done to them. */
const hostsRecord = z.strictObject({
  /** One a worker, in the same order. */
  addresses: z
    .array(
      z.strictObject({ host: z.string(), port: z.number().int(), user: z.string(), local: z.literal(true).optional() }),
    )
    .min(1),
  dataDirectory: z.string().startsWith('/'),
  dockerSocket: z.string().startsWith('/'),
  installDocker: z.boolean(),
  allowTcg: z.boolean(),
});

const deploymentRecord = z.strictObject({
  name: z.string().min(1),
  /** `azure`: the real cloud. `lab`: emulated, in a home of its own. `host`: existing Linux hosts. */
  home: z.enum(['azure', 'lab', 'host']),
  subscriptionId: z.string(),
  resourceGroup: z.string(),
  region: z.string(),
  vmSize: z.string(),
  /** Names of the workers, `w0`, `w1`, ... */
  workers: z.array(z.string().min(1)).min(1),
  /** So many workers must be ready before it may be used; without it all of them. */
  minWorkers: z.number().int().positive().optional(),
  /** Workers that are being deleted and not yet proven gone. */
  leaving: z.array(z.string().min(1)).optional(),
  /** Workers that shall be kept warm: deallocated once they are ready. */
  cooling: z.array(z.string().min(1)).optional(),
  /** Workers it has beside `workers`: ready, and deallocated until it grows. */
  warm: z.array(z.string().min(1)).optional(),
  /** Spot VMs: cheap, and Azure may take them back. */
  spot: z.boolean().optional(),
  /** Availability zones the workers are spread over; without it Azure chooses. */
  zones: z.array(z.string().min(1)).optional(),
  /** Golden image whose disk the workers begin with. */
  golden: z
    .strictObject({ image: z.string().min(1), snapshotId: z.string().startsWith('/'), gb: z.number().int().positive() })
    .optional(),
  /** Sizes to take where `vmSize` cannot be had, in their order; without it those of the configuration. */
  otherSizes: z.array(z.string().min(1)).optional(),
  /** ISO time. */
  createdAt: z.iso.datetime(),
  owner: z.string(),
  /** Fingerprint of the configuration it was made with: a changed one is drift. */
  configFingerprint: z.string(),
  intent: z.enum(DEPLOYMENT_INTENTS),
  /** ISO time of the last change of intent. */
  intentAt: z.iso.datetime(),
  /** ISO time at which Azure switches it off by itself. */
  leaseUntil: z.iso.datetime().optional(),
  /** Set when `home` is `host`. */
  hosts: hostsRecord.optional(),
});
export type DeploymentRecord = z.infer<typeof deploymentRecord>;

export type HostsRecord = z.infer<typeof hostsRecord>;

const kind: StateKind<DeploymentRecord> = {
  what: 'the deployment record',
  version: 1,
  schema: deploymentRecord,
  without: 'waa adopt NAME   (builds it again from its tags in Azure)',
};

/** Reads a deployment; undefined when there is none. Raises the OWN_STATE_* failures. */
export function findDeployment(paths: StatePaths, name: string): Promise<DeploymentRecord | undefined> {
  return readState(paths.deployment(name).record, kind);
}

/** Reads a deployment that must exist. Raises OWN_DEPLOYMENT_NOT_FOUND with the nearest name. */
export async function loadDeployment(paths: StatePaths, name: string): Promise<DeploymentRecord> {
  const record = await findDeployment(paths, name);
  if (record) return record;
  const known = await deploymentNames(paths);
  const all = known.length === 0 ? 'There is none yet; make one: waa up' : `Known: ${known.join(', ')}`;
  throw fail('OWN_DEPLOYMENT_NOT_FOUND', { name, hint: didYouMean(name, known, all) });
}

/** Saves a deployment, durable when the promise resolves. */
export async function saveDeployment(paths: StatePaths, record: DeploymentRecord): Promise<void> {
  await writeState(paths.deployment(record.name).record, kind, record);
}

/** Saves a new intent; `at` in epoch milliseconds. Returns the changed record. */
export async function saveIntent(
  paths: StatePaths,
  record: DeploymentRecord,
  intent: DeploymentIntent,
  at: number,
): Promise<DeploymentRecord> {
  const changed = { ...record, intent, intentAt: new Date(at).toISOString() };
  await saveDeployment(paths, changed);
  return changed;
}

/** Names of the directories of deployments, sorted; also of those whose record is damaged. */
export async function deploymentNames(paths: StatePaths): Promise<readonly string[]> {
  try {
    const entries = await readdir(paths.deployments, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    const problem = errorCode(error) ?? String(error);
    throw fail(
      'OWN_STATE_UNREADABLE',
      { file: paths.deployments, what: 'the list of deployments', problem },
      { cause: error },
    );
  }
}

/** Every deployment; one damaged record does not hide the others. */
export async function listDeployments(
  paths: StatePaths,
): Promise<{ readonly records: readonly DeploymentRecord[]; readonly broken: readonly WaaError[] }> {
  const records: DeploymentRecord[] = [];
  const broken: WaaError[] = [];
  for (const name of await deploymentNames(paths)) {
    try {
      const record = await findDeployment(paths, name);
      if (record) records.push(record);
    } catch (error) {
      broken.push(asWaaError(error));
    }
  }
  return { records, broken };
}

/**
 * Forgets a deployment whose resources are proven gone: its files are removed, and its directory unless the caller's lock is
 * in it, which takes the directory along when it is given back. Runs and history stay. The record goes last: whoever is
 * killed in between can say `down` again, and no later deployment finds this one's checkpoint.
 */
export async function forgetDeployment(paths: StatePaths, name: string): Promise<void> {
  const { directory, record, ...files } = paths.deployment(name);
  const kept = [record, ...lockFiles(files)];
  const entries = await readdir(directory).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  for (const entry of entries.map((one) => join(directory, one)).filter((path) => !kept.includes(path))) {
    await rm(entry, { recursive: true, force: true });
  }
  await rm(record, { force: true });
  await removeEmpty(directory);
}
