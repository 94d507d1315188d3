import type { OperationMemory } from '../azure/run-operation.js';
import type { ArmClient, Tags } from '../clients/arm/arm.js';
import type { Clock } from '../clock/clock.js';
import type { Emit } from '../events/bus.js';
import { asWaaError, type WaaError } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { Retrier } from '../retry/retry.js';

/** The VM of a worker, by name. */
export interface WorkerVm {
  /** `w0`, `w1`, ... */
  readonly worker: string;
  readonly vmName: string;
  readonly resourceGroup: string;
  readonly region: string;
}

/** A worker as the lifecycle knows it. */
export interface PoolWorker extends WorkerVm {
  /** Of what is made for it. */
  readonly tags: Tags;
}

/** How it went with one worker; `absent`: it has no VM. */
export type Done = 'done' | 'already' | 'absent';

/** How one worker came out. Workers fail independently. */
export type WorkerOutcome =
  | { readonly worker: string; readonly outcome: Done }
  | { readonly worker: string; readonly outcome: 'failed'; readonly fault: WaaError };

/** What pause, resume and clean-up need from outside. */
export interface LifecyclePorts {
  readonly arm: ArmClient;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly retry: Retrier;
  /** Tokens of operations under way. */
  readonly memory: OperationMemory;
  /** Shuts Windows down cleanly, checks the installed-marker and stops the container. */
  quiesceWorker(worker: PoolWorker, deadline: Deadline): Promise<void>;
}

/**
 * Does something to every worker at the same time; a worker that fails is reported and does not stop the others. Only a
 * person's stop ends the whole.
 */
export async function eachWorker<W extends WorkerVm>(
  ports: Pick<LifecyclePorts, 'emit'>,
  workers: readonly W[],
  deadline: Deadline,
  action: (worker: W) => Promise<Done>,
): Promise<readonly WorkerOutcome[]> {
  const settled = await Promise.allSettled(workers.map(action));
  if (deadline.signal.aborted && !deadline.expired) throw deadline.signal.reason;
  return settled.map((result, index) => {
    const worker = workers[index]?.worker ?? '';
    if (result.status === 'fulfilled') return { worker, outcome: result.value };
    const fault = asWaaError(result.reason);
    ports.emit('log', { component: 'deployment' }, `${worker}: ${fault.message}`, { level: 'error', worker });
    return { worker, outcome: 'failed', fault };
  });
}
