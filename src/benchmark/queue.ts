import type { FinishedLine } from './run-record.js';

/** The right of one worker to one attempt of one task, until it expires. */
export interface TaskLease {
  readonly task: string;
  readonly attempt: number;
  readonly worker: string;
  /** Epoch ms at which the attempt was first begun, put off by the time in which the run had no controller. */
  readonly begunAt: number;
  /** What bringing Windows back took, when that was done before this attempt already. */
  readonly resetMs?: number | undefined;
  /** True: the attempt was begun earlier by this worker and may be running there; attach to it. */
  readonly again: boolean;
}

/** How an attempt ended, as it is recorded. */
export type AttemptResult = Pick<
  FinishedLine,
  'state' | 'score' | 'reason' | 'durationMs' | 'steps' | 'resetMs' | 'left'
>;

export interface QueueView {
  readonly pending: number;
  readonly leased: number;
  readonly done: number;
}

/**
 * The tasks of a run, handed out one at a time under leases. Promises: a task is with one worker at a time; none is lost,
 * whoever dies when; what an operation recorded survives the death of every worker and controller when its promise
 * resolves, and a power cut after the next `flush`. It knows workers by name only, so that workers may live in one
 * process or in many, and an implementation on a shared queue can keep the same promises.
 */
export interface RunQueue {
  /**
   * The next task for a worker: first the one it holds already or left behind, then one that was begun before and has to
   * be repeated, then the longest expected. A lease that expired counts as given back. `only: 'own'` begins nothing new.
   * Undefined when there is none for it now.
   */
  claim(worker: string, only?: 'own'): Promise<TaskLease | undefined>;
  /** Puts the end of the lease off; false when the task is in other hands by now. */
  renew(lease: TaskLease): Promise<boolean>;
  /**
   * The same, and the attempt is about to be handed to its worker: from here on it counts, whoever dies. Without it the next
   * controller finds it as if it had never been claimed. `resetMs` is kept for whoever goes on with the attempt.
   */
  begin(lease: TaskLease, resetMs?: number): Promise<boolean>;
  /** Records how the attempt ended; false, and nothing is recorded, when the task is in other hands by now. */
  complete(lease: TaskLease, result: AttemptResult): Promise<boolean>;
  /**
   * Gives the task back without an end: the worker could not go on. An attempt that was not `begun`, of which nothing is on
   * the worker, is as if it had never been claimed.
   */
  fail(lease: TaskLease, reason: string, begun: boolean): Promise<void>;
  /** Resolves when everything recorded so far survives a power cut. What cannot be taken back waits for it. */
  flush(): Promise<void>;
  observe(): Promise<QueueView>;
}

/** A worker that died is noticed after this; each sign of life puts it off. */
export const LEASE_MS = 300_000;
