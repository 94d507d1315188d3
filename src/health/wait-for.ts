import type { Clock } from '../clock/clock.js';
import { asWaaError, fail, type WaaError } from '../failures/waa-error.js';
import type { Deadline } from './deadline.js';

/** What one look told. `saw` is not yet: `what` is kept as the last observation. */
export type Observation<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      /** What was seen, in words. */
      readonly saw: string;
      /** Changes whenever there is progress; without it `saw` is compared. */
      readonly progress?: string | number;
      /** Waiting on is pointless: the wait ends with this. */
      readonly fatal?: WaaError;
    };

export interface WaitOptions {
  /** What is awaited, for messages: `Windows desktop`. */
  readonly what: string;
  readonly clock: Clock;
  readonly deadline: Deadline;
  /** Pause between looks, in ms; asked anew after each look where it depends on what was seen. */
  readonly everyMs: number | (() => number);
  /** Budget of one look. A look that takes longer counts as seen nothing. */
  readonly attemptTimeoutMs: number;
  /** Ends the wait when progress stands still for this long. */
  readonly stallMs?: number;
  /** Sees every observation. */
  readonly onObserve?: (saw: string) => void;
  /** Turns the end of patience into a failure of the layer; by default WAIT_TIMEOUT / WAIT_STALLED. */
  readonly onTimeout?: (last: string, attempts: number) => WaaError;
  readonly onStall?: (last: string) => WaaError;
}

/**
 * Looks again and again until the probe says ok. Ends with the probe's fatal failure, with a stall, or when the
 * deadline ends; always says what was awaited, how often it looked and the last thing seen. A probe that throws is a
 * look that could not look: its message is remembered and the wait goes on, unless the failure is permanent.
 */
export async function waitFor<T>(
  probe: (deadline: Deadline) => Promise<Observation<T>>,
  options: WaitOptions,
): Promise<T> {
  const { what, clock, deadline, everyMs } = options;
  let last = 'nothing yet';
  let attempts = 0;
  let progressedAt = clock.now();
  let progress: string | number | undefined;

  for (;;) {
    if (deadline.signal.aborted) throw ended();
    attempts += 1;
    const seen = await look();
    if (seen.ok) return seen.value;
    last = seen.saw;
    options.onObserve?.(last);
    if (seen.fatal) throw seen.fatal;
    const mark = seen.progress ?? seen.saw;
    if (mark !== progress) {
      progress = mark;
      progressedAt = clock.now();
    } else if (options.stallMs !== undefined && clock.now() - progressedAt >= options.stallMs + clock.slackMs) {
      const stallSeconds = Math.round(options.stallMs / 1000);
      throw options.onStall?.(last) ?? fail('WAIT_STALLED', { what, stallSeconds, last });
    }
    try {
      await clock.sleep(typeof everyMs === 'number' ? everyMs : everyMs(), deadline.signal);
    } catch {
      throw ended();
    }
  }

  async function look(): Promise<Observation<T>> {
    using own = deadline.child(options.attemptTimeoutMs);
    try {
      return await own.race(probe(own));
    } catch (error) {
      if (deadline.signal.aborted) throw ended();
      if (own.expired)
        return { ok: false, saw: `no answer within ${Math.round(options.attemptTimeoutMs / 1000)} s`, ...keep() };
      const failure = asWaaError(error);
      if (failure.isHopeless) throw failure;
      return { ok: false, saw: failure.message, ...keep() };
    }
  }
  /** A look that failed is no progress: the earlier mark stands. */
  function keep(): { progress?: string | number } {
    return progress === undefined ? {} : { progress };
  }
  function ended(): unknown {
    if (!deadline.expired) return deadline.signal.reason;
    const seconds = Math.round(deadline.totalMs / 1000);
    return options.onTimeout?.(last, attempts) ?? fail('WAIT_TIMEOUT', { what, seconds, attempts, last });
  }
}
