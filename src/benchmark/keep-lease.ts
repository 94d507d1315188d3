import { LEASE_MS, type TaskLease } from './queue.js';
import type { WorkerJob } from './run-settings.js';

/** Puts the end of a lease off for as long as the attempt is in this worker's hands. */
export function keepLease({ settings, queue }: WorkerJob, lease: TaskLease): { stop(): Promise<void> } {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, settings.signal]);
  const kept = (async () => {
    while (!signal.aborted) {
      await settings.clock.sleep(LEASE_MS / 3, signal);
      await queue.renew(lease);
    }
  })().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  // Its failure is raised by stop(); until then nobody waits for it.
  kept.catch(() => undefined);
  return {
    stop() {
      over.abort(new Error('the attempt is over'));
      return kept;
    },
  };
}
