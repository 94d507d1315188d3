/**
 * The only source of time. All durations in `waa` are milliseconds of this clock, so a scaled clock makes the whole
 * product run faster without any module knowing it.
 */
export interface Clock {
  /** Epoch milliseconds in this clock's time. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `callback` once after `ms`. The returned function cancels it; cancelling twice is harmless. */
  schedule(ms: number, callback: () => void): () => void;
  /**
   * Added to every deadline, in this clock's milliseconds. Zero in real life. A scaled clock shrinks real time, but not
   * the milliseconds the machine itself needs for a round trip; the slack gives those back.
   */
  readonly slackMs: number;
}
