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

/**
 * `blindMs` of waits that look through other layers: network, SSH connection or Docker may be gone for a moment; what is
 * gone for longer is for its own layer to mend.
 */
export const BLIND_MS = 60_000;

export interface WaitOptions {
  /** What is awaited, for messages: `Windows desktop`. */
  readonly what: string;
  readonly clock: Clock;
  readonly deadline: Deadline;
  /** Pause between looks, in ms; asked anew after each look where it depends on what was seen. */
  readonly everyMs: number | (() => number);
  /** Budget of one look. A look that takes longer counts as seen nothing. */
  readonly attemptTimeoutMs: number;
  /** Ends the wait when progress stands still for this long; time in which nobody looked does not count. */
  readonly stallMs?: number;
  /** Ends the wait with the failure of the looks when none could look for this long: what they look through is broken. */
  readonly blindMs?: number;
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
  const patience = createPatience(clock);
  let blind: WaaError | undefined;

  for (;;) {
    if (deadline.signal.aborted) throw ended();
    attempts += 1;
    const seen = await look();
    if (seen.ok) return seen.value;
    last = seen.saw;
    options.onObserve?.(last);
    if (seen.fatal) throw seen.fatal;
    const pauseMs = typeof everyMs === 'number' ? everyMs : everyMs();
    // A machine that slept, or whose clock was set, has looked at nothing in between.
    const { stoodMs, blindMs } = patience.look(seen, blind, pauseMs + options.attemptTimeoutMs + clock.slackMs);
    if (blind && isOver(blindMs, options.blindMs)) throw blind;
    if (isOver(stoodMs, options.stallMs)) throw stalled();
    try {
      await clock.sleep(pauseMs, deadline.signal);
    } catch {
      throw ended();
    }
  }

  function isOver(ms: number, limitMs = Number.POSITIVE_INFINITY): boolean {
    return ms >= limitMs + clock.slackMs;
  }
  function stalled(): WaaError {
    const stallSeconds = Math.round((options.stallMs ?? 0) / 1000);
    return options.onStall?.(last) ?? fail('WAIT_STALLED', { what, stallSeconds, last });
  }
  async function look(): Promise<Observation<T>> {
    using own = deadline.child(options.attemptTimeoutMs);
    try {
      const seen = await own.race(probe(own));
      blind = undefined;
      return seen;
    } catch (error) {
      if (deadline.signal.aborted) throw ended();
      if (own.expired)
        return {
          ok: false,
          saw: `no answer within ${Math.round(options.attemptTimeoutMs / 1000)} s`,
          ...patience.keep(),
        };
      const failure = asWaaError(error);
      if (failure.isHopeless) throw failure;
      blind = failure;
      return { ok: false, saw: failure.message, ...patience.keep() };
    }
  }
  function ended(): unknown {
    if (!deadline.expired) return deadline.signal.reason;
    const seconds = Math.round(deadline.totalMs / 1000);
    return options.onTimeout?.(last, attempts) ?? fail('WAIT_TIMEOUT', { what, seconds, attempts, last });
  }
}

/** For how long progress has stood still, and for how long looks have failed. */
function createPatience(clock: Clock) {
  let progress: string | number | undefined;
  let lookedAt = clock.now();
  let stoodMs = 0;
  let blindMs = 0;
  return {
    /** After each look; `longestMs`: more time than one look and its pause take is none in which anybody looked. */
    look(seen: { readonly saw: string; readonly progress?: string | number }, blind: unknown, longestMs: number) {
      const sinceMs = Math.min(Math.max(0, clock.now() - lookedAt), longestMs);
      lookedAt = clock.now();
      blindMs = blind ? blindMs + sinceMs : 0;
      const mark = seen.progress ?? seen.saw;
      stoodMs = mark === progress ? stoodMs + sinceMs : 0;
      progress = mark;
      return { stoodMs, blindMs };
    },
    /** A look that failed is no progress: the earlier mark stands. */
    keep: (): { progress?: string | number } => (progress === undefined ? {} : { progress }),
  };
}
