import { LEASE_MS, type TaskLease } from './queue.js';
import type { WorkerJob } from './run-settings.js';

/** A lease in the hands of one worker. */
export interface LeaseKeeper {
  /** False: the lease ran out and the task is somebody else's. */
  readonly held: boolean;
  /** The worker gave a sign of life; only such put the end of the lease off. */
  heard(): void;
  /** Needs no signs of life while `work` runs, which ends by a deadline of its own: a reset, results on their way home. */
  during<T>(work: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/**
 * Puts the end of a lease off for as long as its worker is heard of, so that the task of a worker that went silent is
 * another one's within LEASE_MS.
 */
export function keepLease({ settings, queue }: WorkerJob, lease: TaskLease): LeaseKeeper {
  const end = new AbortController();
  const signal = AbortSignal.any([end.signal, settings.signal]);
  let [alive, busy, held] = [true, false, true];
  const kept = (async () => {
    while (held) {
      await settings.clock.sleep(LEASE_MS / 3, signal);
      if (alive || busy) held = await queue.renew(lease);
      alive = false;
    }
  })().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  // Its failure is raised by stop(); until then nobody waits for it.
  kept.catch(() => undefined);
  return {
    get held() {
      return held;
    },
    heard() {
      alive = true;
    },
    async during(work) {
      busy = true;
      try {
        return await work();
      } finally {
        [alive, busy] = [true, false];
      }
    },
    stop() {
      end.abort(new Error('the attempt is over'));
      return kept;
    },
  };
}
