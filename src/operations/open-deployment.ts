import { ensureKeyPair, readPublicKey } from '../clients/ssh/keys.js';
import type { LifecyclePorts, PoolWorker } from '../deployment/pool-worker.js';
import { claimOf } from '../deployment/hosts.js';
import { resourceGroupName, validateDeploymentName, vmName, workerNames } from '../deployment/names.js';
import { buildWorkerPlan, type PlanParts } from '../deployment/plan.js';
import { createJournal } from '../events/journal.js';
import { fail } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import type { LayerId } from '../layers/layer.js';
import { stableHash } from '../layers/fingerprint.js';
import type { ServerNeeds } from '../layers/server/needs.js';
import type { WorkerPlan } from '../layers/worker-plan.js';
import { foreignBecause, workerTags } from '../layers/worker-tags.js';
import type { Breaker } from '../retry/breaker.js';
import type { Session, WorkerStack } from '../session.js';
import { openCheckpoint, type Checkpoint } from '../state/checkpoint.js';
import {
  deploymentNames,
  findDeployment,
  loadDeployment,
  saveDeployment,
  saveIntent,
  type DeploymentIntent,
  type DeploymentRecord,
  type HostsRecord,
} from '../state/deployment.js';
import { takeLock, type HeldLock } from '../state/lock.js';
import { rememberHosts } from './hosts.js';
import { workerBreakers } from './walk-memory.js';

/** Name of the deployment a command means when none was given and there is not exactly one. */
export const DEFAULT_DEPLOYMENT = 'default';

/** One worker of an open deployment. */
export interface OpenWorker {
  readonly name: string;
  readonly plan: WorkerPlan;
  readonly stack: WorkerStack;
  readonly breaker: (id: LayerId) => Breaker;
  /** For pause, resume and clean-up. */
  readonly pool: PoolWorker;
}

/** A deployment this invocation works on. */
export interface OpenDeployment {
  readonly record: DeploymentRecord;
  readonly checkpoint: Checkpoint;
  readonly workers: readonly OpenWorker[];
  readonly ports: LifecyclePorts;
  /** Aborts at Ctrl-C, and when the lock was lost to another process: then nothing may be changed any more. */
  readonly signal: AbortSignal;
  /** Writes down what is going to be done, before it is done. */
  intend(intent: DeploymentIntent): Promise<void>;
  close(): Promise<void>;
}

export interface OpenRequest {
  readonly name: string;
  readonly needs?: ServerNeeds;
  readonly allowReinstall?: boolean;
  /** False only looks: no lock is taken, nothing is written. */
  readonly exclusive: boolean;
}

const NO_NEEDS: ServerNeeds = { apps: {}, internet: false };

/** The deployment a command means: the one named, else the only one, else `default`. */
export async function chooseName(session: Session, given: string | undefined): Promise<string> {
  if (given !== undefined) return validateDeploymentName(given);
  const names = await deploymentNames(session.paths);
  return names.length === 1 ? (names[0] ?? DEFAULT_DEPLOYMENT) : DEFAULT_DEPLOYMENT;
}

/**
 * Writes the record of a new deployment, or returns the one there is: the configuration it was made with stays in force
 * for what cannot change. Makes waa's own SSH key when it is missing.
 */
export async function prepareRecord(session: Session, name: string, hosts?: HostsRecord): Promise<DeploymentRecord> {
  const { config, clock, paths } = session;
  const known = await findDeployment(paths, name);
  if (config.ssh.keyPath === undefined) await ensureKeyPair(session.sshKeyPath);
  if (known) {
    if (hosts) await rememberHosts(session, known, hosts);
    return known;
  }
  if (!hosts) await refuseKnownElsewhere(session, validateDeploymentName(name));
  const now = new Date(clock.now()).toISOString();
  const record: DeploymentRecord = {
    name: validateDeploymentName(name),
    ...(hosts ? placeOnHosts(hosts) : await placeOnAzure(session, name)),
    createdAt: now,
    owner: session.owner,
    configFingerprint: stableHash(config),
    intent: 'creating',
    intentAt: now,
  };
  await saveDeployment(paths, record);
  return record;
}

/** A deployment that stands in Azure and is not known here would be taken for a new one: OWN_DEPLOYMENT_ELSEWHERE, AZURE_NOT_OURS. */
async function refuseKnownElsewhere({ clients, clock, owner, retry, signal }: Session, name: string): Promise<void> {
  using deadline = Deadline.after(LOOK_MS, clock, signal);
  const groupName = resourceGroupName(name);
  const group = await retry('arm', (own) => clients.arm.getResourceGroup(groupName, own), { deadline });
  // One that is on its way out is waited for by the azure layer.
  if (!group || /^(?:Deleting|Deprovisioning)$/i.test(group.provisioningState)) return;
  const foreign = foreignBecause(group.tags, { deployment: name, owner });
  if (foreign !== undefined) throw fail('AZURE_NOT_OURS', { group: groupName, owner: foreign });
  throw fail('OWN_DEPLOYMENT_ELSEWHERE', { name, group: groupName });
}

type Place = Pick<
  DeploymentRecord,
  'home' | 'subscriptionId' | 'resourceGroup' | 'region' | 'vmSize' | 'workers' | 'hosts'
>;

async function placeOnAzure({ clients, config, kind, ...session }: Session, name: string): Promise<Place> {
  using deadline = Deadline.after(LOOK_MS, session.clock, session.signal);
  return {
    home: kind,
    subscriptionId: (await session.retry('arm', (own) => clients.arm.subscription(own), { deadline })).id,
    resourceGroup: resourceGroupName(name),
    region: config.azure.region,
    vmSize: config.azure.vmSize,
    workers: ['w0'],
  };
}

function placeOnHosts(hosts: HostsRecord): Place {
  const workers = [...workerNames(hosts.addresses.length)];
  return { home: 'host', subscriptionId: '', resourceGroup: '', region: '', vmSize: '', workers, hosts };
}

/** What the plan of one worker says of its host; undefined on Azure. */
export function hostPlanOf(
  session: Session,
  { name, owner, hosts }: Pick<DeploymentRecord, 'name' | 'owner' | 'hosts'>,
  index: number,
): PlanParts['host'] {
  const address = hosts?.addresses[index];
  if (!hosts || !address) return undefined;
  const { dataDirectory, dockerSocket, installDocker, allowTcg } = hosts;
  const [home, machine] = [session.paths.home, session.surroundings.hostName];
  const claim = claimOf({ deployment: name, worker: `w${index}`, owner, home, machine });
  return { address, dataDirectory, dockerSocket, installDocker, allowTcg, claim };
}

/** Opens a deployment that exists. Raises OWN_DEPLOYMENT_NOT_FOUND, OWN_LOCKED and the OWN_STATE_* failures. */
export async function openDeployment(session: Session, request: OpenRequest): Promise<OpenDeployment> {
  const { paths, clock, surroundings } = session;
  const files = paths.deployment(validateDeploymentName(request.name));
  let record = await loadDeployment(paths, request.name);
  const lock = request.exclusive ? await lockOf(session, record) : undefined;
  try {
    const checkpoint = await openCheckpoint(files.checkpoint);
    if (request.exclusive) session.observe(createJournal({ file: files.journal, redact: session.redact }));
    const sshPublicKey = await readPublicKey(session.sshKeyPath);
    const workers = record.workers.map((worker): OpenWorker => {
      const host = hostPlanOf(session, record, record.workers.indexOf(worker));
      const plan = buildWorkerPlan({
        deployment: record.name,
        worker,
        owner: record.owner,
        config: session.config,
        sshPublicKey,
        createdAtMs: Date.parse(record.createdAt),
        region: record.region,
        vmSize: record.vmSize,
        ...(host === undefined ? {} : { host }),
      });
      const stack = session.stack(plan, files.knownHosts, {
        needs: request.needs ?? NO_NEEDS,
        allowReinstall: request.allowReinstall ?? false,
      });
      const { resourceGroup, region } = record;
      return {
        name: worker,
        plan,
        stack,
        breaker: workerBreakers(worker, clock, session.emit),
        pool: { worker, vmName: vmName(record.name, worker), resourceGroup, region, tags: workerTags(plan) },
      };
    });
    const { clients, emit, retry } = session;
    return {
      get record() {
        return record;
      },
      checkpoint,
      workers,
      ports: {
        arm: clients.arm,
        clock,
        emit,
        retry,
        memory: checkpoint.memory('pool', 'azure'),
        quiesceWorker: () => Promise.resolve(),
      },
      signal: lock ? AbortSignal.any([session.signal, lock.lost]) : session.signal,
      async intend(intent) {
        record = await saveIntent(paths, record, intent, clock.now());
      },
      async close() {
        await Promise.allSettled(workers.map((worker) => worker.stack.close()));
        await lock?.release();
      },
    };
  } catch (error) {
    await lock?.release();
    throw error;
  }

  async function lockOf(held: Session, locked: DeploymentRecord): Promise<HeldLock> {
    return takeLock({
      deployment: locked.name,
      lock: files.lock,
      lockHolder: files.lockHolder,
      isAlive: surroundings.isAlive,
      me: {
        pid: surroundings.pid,
        host: surroundings.hostName,
        command: `waa ${held.command}`,
        since: new Date(clock.now()).toISOString(),
      },
    });
  }
}

/** Looking at Azure before anything is begun must not take longer than a person waits for an answer. */
const LOOK_MS = 60_000;

export function lookDeadline(session: Session): Deadline {
  return Deadline.after(LOOK_MS, session.clock, session.signal);
}
