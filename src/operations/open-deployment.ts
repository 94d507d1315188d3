import { readPublicKey } from '../clients/ssh/keys.js';
import type { LifecyclePorts, PoolWorker, WorkerVm } from '../deployment/pool-worker.js';
import { claimOf } from '../deployment/hosts.js';
import { validateDeploymentName, vmName } from '../deployment/names.js';
import { buildWorkerPlan, type PlanParts } from '../deployment/plan.js';
import { createJournal } from '../events/journal.js';
import { Deadline } from '../health/deadline.js';
import { fail } from '../failures/waa-error.js';
import type { LayerId } from '../layers/layer.js';
import type { Flights } from '../layers/share-layer.js';
import type { ServerNeeds } from '../layers/server/needs.js';
import type { WorkerPlan } from '../layers/worker-plan.js';
import { workerTags } from '../layers/worker-tags.js';
import type { Breaker } from '../retry/breaker.js';
import type { Session, WorkerStack } from '../session.js';
import { openCheckpoint, type Checkpoint } from '../state/checkpoint.js';
import {
  deploymentNames,
  forgetDeployment,
  loadDeployment,
  saveDeployment,
  saveIntent,
  type DeploymentIntent,
  type DeploymentRecord,
} from '../state/deployment.js';
import { lockDeployment } from './lock-deployment.js';
import { sessionOf } from './own-subscription.js';
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
  /** Changes the record otherwise. */
  change(part: Partial<DeploymentRecord>): Promise<void>;
  /** Removes every trace of it here, under its lock; it can only be closed afterwards. */
  forget(): Promise<void>;
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

/**
 * The deployment a command means: the one named, else the only one, else `default`. Raises OWN_DEPLOYMENT_AMBIGUOUS when
 * there are several and none is called so.
 */
export async function chooseName(session: Session, given: string | undefined): Promise<string> {
  if (given !== undefined) return validateDeploymentName(given);
  const names = await deploymentNames(session.paths);
  const [first = DEFAULT_DEPLOYMENT] = names;
  if (names.length <= 1) return first;
  if (names.includes(DEFAULT_DEPLOYMENT)) return DEFAULT_DEPLOYMENT;
  throw fail('OWN_DEPLOYMENT_AMBIGUOUS', { names: names.join(', '), first });
}

/** The VM of a worker, by the worker's name. */
export function workerVmOf({ name, resourceGroup, region }: DeploymentRecord, worker: string): WorkerVm {
  return { worker, vmName: vmName(name, worker), resourceGroup, region };
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
  const { paths, clock } = session;
  const files = paths.deployment(validateDeploymentName(request.name));
  let record = await loadDeployment(paths, request.name);
  const lock = request.exclusive ? await lockDeployment(session, request.name) : undefined;
  try {
    // Until it was locked another process may have changed or deleted it.
    if (lock) record = await loadDeployment(paths, request.name);
    const checkpoint = await openCheckpoint(files.checkpoint);
    const sshPublicKey = await readPublicKey(session.sshKeyPath);
    const { arm } = sessionOf(session, record).clients;
    const shared: Flights = new Map();
    const stackOf = session.stacks(files.knownHosts);
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
        otherSizes: record.otherSizes,
        zones: record.zones,
        spot: record.spot,
        golden: record.golden,
        ...(host === undefined ? {} : { host }),
      });
      const stack = stackOf(plan, {
        needs: request.needs ?? NO_NEEDS,
        allowReinstall: request.allowReinstall ?? false,
        arm,
        shared,
      });
      return {
        name: worker,
        plan,
        stack,
        breaker: workerBreakers(worker, clock, session.emit),
        pool: { ...workerVmOf(record, worker), tags: workerTags(plan) },
      };
    });
    const { emit, retry } = session;
    // Last of what may fail: it is closed with the deployment, which an invocation may open more than once.
    const leaveJournal = request.exclusive
      ? session.observe(createJournal({ file: files.journal, redact: session.redact }))
      : undefined;
    const leave = async (): Promise<void> => {
      await Promise.allSettled(workers.map((worker) => worker.stack.close()));
      await leaveJournal?.();
    };
    return {
      get record() {
        return record;
      },
      checkpoint,
      workers,
      ports: {
        arm,
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
      async change(part) {
        record = { ...record, ...part };
        await saveDeployment(paths, record);
      },
      async forget() {
        lock?.lost.throwIfAborted();
        await leave();
        await forgetDeployment(paths, record.name);
      },
      async close() {
        await leave();
        await lock?.release();
      },
    };
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

/** Looking at Azure before anything is begun must not take longer than a person waits for an answer. */
const LOOK_MS = 60_000;

export function lookDeadline(session: Session): Deadline {
  return Deadline.after(LOOK_MS, session.clock, session.signal);
}
