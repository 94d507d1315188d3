import type { Clock } from '../clock/clock.js';
import { asWaaError, type WaaError } from '../failures/waa-error.js';
import { Deadline } from './deadline.js';

export interface WatchOptions {
  /** One look that disturbs nothing: what is broken, or undefined. Raising says that it could not look. */
  readonly look: (deadline: Deadline) => Promise<WaaError | undefined>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Watch {
  /** What is broken, once two looks in a row said the same, or three that something is; it stays. */
  readonly fault: WaaError | undefined;
  /** Ends the watch. Raises what was no failure of a look but a mistake of ours. */
  stop(): Promise<void>;
}

/**
 * Numbers of the watch, with their reasons. A fault is certain at the latest everyMs + againMs + 2 x lookMs = 95 s after it
 * began: what does not work is found within two minutes (requirement M11).
 */
const WATCH = {
  everyMs: 30_000,
  /** After a bad look: what passes by itself, such as a network set up anew, is over by then. */
  againMs: 15_000,
  /** Daemon, QEMU, a screendump and one request. */
  lookMs: 25_000,
  /** One bad look may be a busy moment. */
  looks: 2,
  /** A Windows that restarts is broken in another way at each look. */
  looksOfAnyKind: 3,
} as const;

/**
 * Looks again and again for as long as something else is going on. A look that cannot be made says nothing: whether the
 * machine can be reached is noticed by whoever works with it.
 */
export function watch({ look, clock, signal }: WatchOptions): Watch {
  const over = new AbortController();
  const ended = AbortSignal.any([over.signal, signal]);
  let last: WaaError | undefined;
  let inARow = 0;
  let ofAnyKind = 0;
  let fault: WaaError | undefined;

  const once = async (): Promise<void> => {
    using deadline = Deadline.after(WATCH.lookMs, clock, ended);
    let seen: WaaError | undefined;
    try {
      seen = await deadline.race(look(deadline));
    } catch (error) {
      if (ended.aborted) return;
      if (!deadline.expired && asWaaError(error).disposition === 'bug') throw error;
      seen = undefined;
    }
    inARow = seen === undefined ? 0 : seen.code === last?.code ? inARow + 1 : 1;
    ofAnyKind = seen === undefined ? 0 : ofAnyKind + 1;
    last = seen;
    if (inARow >= WATCH.looks || ofAnyKind >= WATCH.looksOfAnyKind) fault ??= seen;
  };
  const watching = (async () => {
    while (fault === undefined) {
      await clock.sleep(last === undefined ? WATCH.everyMs : WATCH.againMs, ended);
      await once();
    }
  })().catch((error: unknown) => {
    if (!ended.aborted) throw error;
  });
  // Its failure is raised by stop(); until then nobody waits for it.
  watching.catch(() => undefined);
  return {
    get fault() {
      return fault;
    },
    stop() {
      over.abort(new Error('the watch is over'));
      return watching;
    },
  };
}
