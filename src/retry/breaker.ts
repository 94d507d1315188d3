import type { Clock } from '../clock/clock.js';
import { fail, type WaaError } from '../failures/waa-error.js';

/** closed: calls pass. open: calls are refused. half-open: one trial call passes and decides. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** What a breaker needs to remember to be continued by another process. */
export interface BreakerSnapshot {
  readonly failures: number;
  readonly openedAt?: number;
  readonly last?: string;
}

export interface Breaker {
  readonly state: BreakerState;
  /** Throws BREAKER_OPEN while open. Call before the work. */
  enter(): void;
  succeeded(): void;
  failed(error: WaaError): void;
  snapshot(): BreakerSnapshot;
}

export interface BreakerOptions {
  readonly name: string;
  readonly clock: Clock;
  /** Requirement R3: opens after 3 failures, half-open after 300 s. */
  readonly threshold?: number;
  readonly openMs?: number;
  readonly restored?: BreakerSnapshot;
  readonly onChange?: (state: BreakerState) => void;
}

/**
 * Stops repeating what keeps failing.
 *
 *   closed ──threshold failures──> open ──openMs──> half-open ──success──> closed
 *                                    ^──────────failure──────────┘
 */
export function createBreaker(options: BreakerOptions): Breaker {
  const { name, clock, threshold = 3, openMs = 300_000, onChange } = options;
  let failures = options.restored?.failures ?? 0;
  let openedAt = options.restored?.openedAt;
  let last = options.restored?.last;

  const stateNow = (): BreakerState => {
    if (openedAt === undefined) return 'closed';
    return clock.now() - openedAt >= openMs ? 'half-open' : 'open';
  };
  return {
    get state() {
      return stateNow();
    },
    enter() {
      const state = stateNow();
      if (state === 'half-open') onChange?.('half-open');
      if (state !== 'open' || openedAt === undefined) return;
      const retryInS = Math.ceil((openedAt + openMs - clock.now()) / 1000);
      throw fail('BREAKER_OPEN', { name, failures, retryInS, last: last ?? 'unknown' });
    },
    succeeded() {
      if (openedAt !== undefined) onChange?.('closed');
      failures = 0;
      openedAt = undefined;
      last = undefined;
    },
    failed(error) {
      failures += 1;
      last = error.message;
      if (failures < threshold) return;
      openedAt = clock.now();
      onChange?.('open');
    },
    snapshot: () => ({
      failures,
      ...(openedAt === undefined ? {} : { openedAt }),
      ...(last === undefined ? {} : { last }),
    }),
  };
}
