/** Numbers of a back-off: wait = min(base * 2^attempt, max) + random(0..10 %) of it (requirement R1). */
export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** Share of the wait that jitter may add, so that workers that failed together do not come back together. */
const JITTER = 0.1;

/**
 * Milliseconds to wait after the failed attempt number `attempt` (0 = first). `random` is 0..1. A `Retry-After` of the
 * other side is a floor: asking earlier would only be refused again.
 */
export function backoffMs(backoff: Backoff, attempt: number, random: number, retryAfterMs = 0): number {
  const plain = Math.min(backoff.baseMs * 2 ** attempt, backoff.maxMs);
  return Math.max(plain + plain * JITTER * random, retryAfterMs);
}
