import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock/clock.js';

/** The reason a deadline's signal aborts with when time is up. Callers turn it into their own timeout failure. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  constructor(readonly afterMs: number) {
    super(`deadline of ${Math.round(afterMs / 1000)} s exceeded`);
  }
}

/**
 * A moment by which work must be done, handed down instead of time-outs. A child never outlives its parent: its end is
 * the earlier of the two, and it aborts when the parent aborts. Dispose it when the work is over, else its timer stays.
 */
export class Deadline implements Disposable {
  readonly #controller = new AbortController();
  readonly #clock: Clock;
  readonly #endsAt: number;
  readonly #release: () => void;
  /** The milliseconds asked for, without the clock's slack: what a message may say. */
  readonly totalMs: number;

  private constructor(clock: Clock, endsAt: number, totalMs: number, parent: AbortSignal | undefined) {
    this.#clock = clock;
    this.#endsAt = endsAt;
    this.totalMs = totalMs;
    // Any number of calls run under one deadline, of deadlines under one Ctrl-C; Node's warning at eleven means nothing here.
    setMaxListeners(0, this.signal, ...(parent ? [parent] : []));
    const cancelTimer = Number.isFinite(endsAt)
      ? clock.schedule(endsAt - clock.now(), () => {
          this.#controller.abort(new DeadlineExceeded(totalMs));
        })
      : () => undefined;
    // Not event.currentTarget: it is null when an abort handler aborts another controller in turn.
    const follow = (): void => {
      this.#controller.abort(parent?.reason);
    };
    if (parent?.aborted) this.#controller.abort(parent.reason);
    else parent?.addEventListener('abort', follow, { once: true });
    this.#release = () => {
      cancelTimer();
      parent?.removeEventListener('abort', follow);
    };
    this.signal.addEventListener('abort', this.#release, { once: true });
    if (this.signal.aborted) this.#release();
  }

  /** A deadline `ms` from now, plus the clock's slack; `signal` (Ctrl-C) ends it early. */
  static after(ms: number, clock: Clock, signal?: AbortSignal): Deadline {
    return new Deadline(clock, clock.now() + ms + clock.slackMs, ms, signal);
  }

  /** A deadline that never expires by itself but follows `signal`. For what runs until a person stops it. */
  static none(clock: Clock, signal?: AbortSignal): Deadline {
    return new Deadline(clock, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, signal);
  }

  /** A deadline inside this one: the earlier of `ms` from now and this one's end. */
  child(ms: number): Deadline {
    const own = this.#clock.now() + ms + this.#clock.slackMs;
    return new Deadline(this.#clock, Math.min(own, this.#endsAt), Math.min(ms, this.totalMs), this.signal);
  }

  /** Aborts at the end of the deadline (reason: DeadlineExceeded) or when a parent or Ctrl-C aborts (their reason). */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Milliseconds left, never negative. */
  remainingMs(): number {
    return Math.max(0, this.#endsAt - this.#clock.now());
  }

  /** True when time is up, false when still running or ended by a person. */
  get expired(): boolean {
    return this.signal.aborted && this.signal.reason instanceof DeadlineExceeded;
  }

  [Symbol.dispose](): void {
    this.#release();
  }

  /** Settles as `promise` does, or rejects with the abort reason as soon as the deadline ends. */
  race<T>(promise: Promise<T>): Promise<T> {
    const signal = this.signal;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        reject(signal.reason as Error);
      };
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
      promise.then(resolve, reject).finally(() => {
        signal.removeEventListener('abort', onAbort);
      });
    });
  }
}
