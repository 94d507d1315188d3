import type { FaultId } from './faults.js';

/** A fault asked for: when it strikes and how often. */
export interface FaultRequest {
  readonly id: FaultId;
  /** Strikes this often, then no more. Default 1. */
  readonly times?: number;
  /** Strikes with this probability at each chance instead of always. Needs `random`. */
  readonly probability?: number;
  /** Passes this many chances before the first strike. */
  readonly skip?: number;
  /** Only on this worker's machine (VM name). */
  readonly target?: string;
}

interface Armed {
  readonly request: FaultRequest;
  skipLeft: number;
  left: number;
}

/**
 * The faults armed in a world. The simulation asks at the very step where a fault would strike (`strikes`), so a fault
 * is injected where the real thing breaks, not where its symptom shows.
 */
export interface FaultBox {
  arm(request: FaultRequest): void;
  /** Disarms all, or all of one id. */
  clear(id?: FaultId): void;
  /** True once per strike: the caller now behaves as broken. */
  strikes(id: FaultId, target?: string): boolean;
  /** Every strike so far. */
  readonly history: readonly { readonly id: FaultId; readonly at: number; readonly target?: string }[];
  readonly armed: readonly FaultRequest[];
}

/** Creates an empty box. `now` and `random` come from the world that owns it. */
export function createFaultBox(now: () => number, random: () => number): FaultBox {
  const armed: Armed[] = [];
  const history: { id: FaultId; at: number; target?: string }[] = [];
  return {
    history,
    get armed() {
      return armed.filter((entry) => entry.left > 0).map((entry) => entry.request);
    },
    arm(request) {
      armed.push({ request, skipLeft: request.skip ?? 0, left: request.times ?? 1 });
    },
    clear(id) {
      for (let i = armed.length - 1; i >= 0; i -= 1)
        if (id === undefined || armed[i]?.request.id === id) armed.splice(i, 1);
    },
    strikes(id, target) {
      for (const entry of armed) {
        const { request } = entry;
        if (request.id !== id || entry.left <= 0) continue;
        if (request.target !== undefined && target !== undefined && request.target !== target) continue;
        if (request.probability !== undefined && random() >= request.probability) continue;
        if (entry.skipLeft > 0) {
          entry.skipLeft -= 1;
          continue;
        }
        entry.left -= 1;
        history.push({ id, at: now(), ...(target === undefined ? {} : { target }) });
        return true;
      }
      return false;
    },
  };
}
