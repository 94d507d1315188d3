import type { LifecyclePorts } from '../deployment/pool-worker.js';
import { validateDeploymentName } from '../deployment/names.js';
import { createJournal } from '../events/journal.js';
import { NO_NEEDS, type ServerNeeds } from '../layers/server/needs.js';
import type { Session } from '../session.js';
import { openCheckpoint, type Checkpoint } from '../state/checkpoint.js';
import {
  forgetDeployment,
  loadDeployment,
  saveDeployment,
  saveIntent,
  type DeploymentIntent,
  type DeploymentRecord,
} from '../state/deployment.js';
import { lockDeployment } from './lock-deployment.js';
import { openWorkers, type OpenWorker } from './open-worker.js';
import { sessionOf } from './own-subscription.js';

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

/** Opens a deployment that exists. Raises OWN_DEPLOYMENT_NOT_FOUND, OWN_LOCKED and the OWN_STATE_* failures. */
export async function openDeployment(session: Session, request: OpenRequest): Promise<OpenDeployment> {
  const { paths, clock, emit, retry } = session;
  const { exclusive, needs = NO_NEEDS, allowReinstall = false } = request;
  const files = paths.deployment(validateDeploymentName(request.name));
  let record = await loadDeployment(paths, request.name);
  const lock = exclusive ? await lockDeployment(session, request.name) : undefined;
  try {
    // Until it was locked another process may have changed or deleted it.
    if (lock) record = await loadDeployment(paths, request.name);
    const checkpoint = await openCheckpoint(files.checkpoint);
    const { arm } = sessionOf(session, record).clients;
    const workers = await openWorkers(session, record, { arm, needs, allowReinstall });
    const memory = checkpoint.memory('pool', 'azure');
    // Last of what may fail: it is closed with the deployment, which an invocation may open more than once.
    const leaveJournal = exclusive
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
      ports: { arm, clock, emit, retry, memory, quiesceWorker: () => Promise.resolve() },
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
