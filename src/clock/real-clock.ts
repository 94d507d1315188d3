import type { Clock } from './clock.js';

/** Longest delay a Node timer takes (2^31 - 1 ms); longer ones would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** Sleeps on `schedule`, ending early with the signal's reason. Shared by every clock. */
export function sleepOn(clock: Pick<Clock, 'schedule'>, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(toError(signal.reason));
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(toError(signal?.reason));
    };
    const cancel = clock.schedule(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** Wall-clock time. */
export const realClock: Clock = {
  slackMs: 0,
  now: () => Date.now(),
  schedule(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, ms), MAX_TIMER_MS));
    return () => {
      clearTimeout(timer);
    };
  },
  sleep(ms, signal) {
    return sleepOn(this, ms, signal);
  },
};
