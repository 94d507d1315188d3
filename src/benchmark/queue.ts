import type { Clock } from '../clock/clock.js';
import { createLedger } from './queue-ledger.js';
import type { FinishedLine, QueueLine } from './run-record.js';

/** The right of one worker to one attempt of one task, until it expires. */
export interface TaskLease {
  readonly task: string;
  readonly attempt: number;
  readonly worker: string;
  /** Epoch ms at which the attempt was first begun. */
  readonly begunAt: number;
  /** True: the attempt was begun earlier by this worker and may be running there; attach to it. */
  readonly again: boolean;
}

/** How an attempt ended, as it is recorded. */
export type AttemptResult = Pick<FinishedLine, 'state' | 'score' | 'reason' | 'durationMs' | 'steps' | 'resetMs'>;

export interface QueueView {
  readonly pending: number;
  readonly leased: number;
  readonly done: number;
}

/**
 * The tasks of a run, handed out one at a time under leases. Promises: a task is with one worker at a time; none is lost,
 * whoever dies when; what is recorded survives a crash. It knows workers by name only, so that workers may live in one
 * process or in many, and an implementation on a shared queue can keep the same promises.
 */
export interface RunQueue {
  /**
   * The next task for a worker: first the one it holds already or left behind, then the longest expected. A lease that
   * expired counts as given back. `only: 'own'` begins nothing new. Undefined when there is none for it now.
   */
  claim(worker: string, only?: 'own'): Promise<TaskLease | undefined>;
  /** Puts the end of the lease off; false when the task is in other hands by now. */
  renew(lease: TaskLease): Promise<boolean>;
  /** Records how the attempt ended; false, and nothing is recorded, when the task is in other hands by now. */
  complete(lease: TaskLease, result: AttemptResult): Promise<boolean>;
  /** Gives the task back without an end: the worker could not go on. */
  fail(lease: TaskLease, reason: string): Promise<void>;
  observe(): Promise<QueueView>;
}

/** A worker that died is noticed after this; each sign of life puts it off. */
export const LEASE_MS = 300_000;

export interface QueueOptions {
  /** Names of the tasks, in the order asked for. */
  readonly tasks: readonly string[];
  /** Everything recorded so far. */
  readonly lines: readonly QueueLine[];
  /** Durable when the promise resolves. */
  readonly append: (line: QueueLine) => Promise<void>;
  /** ms by task; one without counts as the mean. */
  readonly expectedMs: ReadonlyMap<string, number>;
  readonly infraRetries: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly leaseMs?: number;
}

/** The queue over the append-only record of the run. */
export function createRunQueue(options: QueueOptions): RunQueue {
  const { append, clock, leaseMs = LEASE_MS } = options;
  const ledger = createLedger(options);
  /** The ledger changes at once, so that nobody else is given the task while the line is being written. */
  const record = (line: QueueLine): Promise<void> => {
    ledger.apply(line);
    return append(line);
  };
  const partsOf = ({ task, attempt, worker }: TaskLease): Pick<TaskLease, 'task' | 'attempt' | 'worker'> => ({
    task,
    attempt,
    worker,
  });
  return {
    async claim(worker, only) {
      const at = clock.now();
      const chosen = ledger.choose(worker, at, only === 'own');
      if (!chosen) return undefined;
      const { task, attempt, again, begunAt } = chosen;
      const until = at + leaseMs;
      await record({ type: again ? 'renewed' : 'started', at, task, attempt, worker, until });
      return { task, attempt, worker, again, begunAt };
    },
    async renew(lease) {
      if (!ledger.isHeld(lease)) return false;
      const at = clock.now();
      await record({ type: 'renewed', at, until: at + leaseMs, ...partsOf(lease) });
      return true;
    },
    async complete(lease, result) {
      if (!ledger.isHeld(lease)) return false;
      await record({ type: 'finished', at: clock.now(), ...partsOf(lease), ...result });
      return true;
    },
    async fail(lease, reason) {
      if (ledger.isHeld(lease)) await record({ type: 'returned', at: clock.now(), reason, ...partsOf(lease) });
    },
    observe: () => Promise.resolve(ledger.view()),
  };
}
