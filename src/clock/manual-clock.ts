import type { Clock } from './clock.js';
import { sleepOn } from './real-clock.js';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that moves only when told to; timers run in the order of their due times. For tests and campaigns. */
export interface ManualClock extends Clock {
  /** Moves time forward by `ms`, running each due timer at its own moment and letting promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Moves time from timer to timer until `promise` settles; throws when no timer is left to wait for. */
  runUntil<T>(promise: Promise<T>): Promise<T>;
  /** Number of timers waiting. */
  readonly pending: number;
}

/** setImmediate lets every pending microtask and already queued I/O callback finish first. */
const oneTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Creates a manual clock that starts at `startMs` (epoch milliseconds). `settle` resolves when nothing that should happen
 * at the present moment is left; for what works with real files, it waits for them.
 */
export function createManualClock(startMs = Date.UTC(2026, 0, 1), settle = oneTurn): ManualClock {
  let nowMs = startMs;
  let order = 0;
  const timers = new Set<Timer>();

  const nextTimer = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
    }
    return first;
  };

  return {
    slackMs: 0,
    now: () => nowMs,
    schedule(ms, callback) {
      const timer: Timer = { at: nowMs + Math.max(0, ms), order: order++, callback };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    sleep(ms, signal) {
      return sleepOn(this, ms, signal);
    },
    get pending() {
      return timers.size;
    },
    async advance(ms) {
      const end = nowMs + ms;
      await settle();
      for (let timer = nextTimer(); timer && timer.at <= end; timer = nextTimer()) {
        timers.delete(timer);
        nowMs = timer.at;
        timer.callback();
        await settle();
      }
      nowMs = end;
    },
    async runUntil(promise) {
      const state = { settled: false };
      const watched = promise.finally(() => {
        state.settled = true;
      });
      watched.catch(() => undefined);
      await settle();
      while (!state.settled) {
        const timer = nextTimer();
        if (!timer) throw new Error('the promise waits for something that is not on the clock');
        timers.delete(timer);
        nowMs = timer.at;
        timer.callback();
        await settle();
      }
      return watched;
    },
  };
}
