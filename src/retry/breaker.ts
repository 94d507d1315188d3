import type { Clock } from '../clock/clock.js';
import { fail, type WaaError } from '../failures/waa-error.js';

/** closed: calls pass. open: calls are refused. half-open: one trial call passes and decides. */
export type BreakerState = 'closed' | 'open' | 'half-open';

export interface Breaker {
  readonly state: BreakerState;
  /** Throws BREAKER_OPEN while open, and while half-open for all but one trial. Call before the work. */
  enter(): void;
  succeeded(): void;
  failed(error: WaaError): void;
  /** The work ended without a verdict (a person stopped it): a trial may be made again. */
  abandoned(): void;
}

export interface BreakerOptions {
  readonly name: string;
  readonly clock: Clock;
  /** Requirement R3: opens after 3 failures, half-open after 300 s. */
  readonly threshold?: number;
  readonly openMs?: number;
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
  let failures = 0;
  let openedAt: number | undefined;
  let last = '';
  let trial = false;

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
      if (openedAt === undefined || state === 'closed') return;
      if (state === 'open' || trial) {
        const retryInS = Math.max(1, Math.ceil((openedAt + openMs - clock.now()) / 1000));
        throw fail('BREAKER_OPEN', { name, failures, retryInS, last });
      }
      trial = true;
      onChange?.('half-open');
    },
    succeeded() {
      trial = false;
      const wasOpen = openedAt !== undefined;
      failures = 0;
      openedAt = undefined;
      if (wasOpen) onChange?.('closed');
    },
    failed(error) {
      failures += 1;
      last = error.message;
      // Calls that were under way when it opened neither prolong the pause nor open it twice.
      if (failures < threshold || stateNow() === 'open') return;
      trial = false;
      openedAt = clock.now();
      onChange?.('open');
    },
    abandoned() {
      trial = false;
    },
  };
}
