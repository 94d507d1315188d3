import type { Deadline } from '../../health/deadline.js';

/** Hands out a limited number of places, in the order of asking. */
export interface SessionGate {
  /** Resolves with the function that gives the place back (calling it twice is harmless). */
  enter(deadline: Deadline): Promise<() => void>;
}

/** A gate with `limit` places. Rejects with the deadline's reason when none came free in time. */
export function createSessionGate(limit: number): SessionGate {
  let taken = 0;
  const queue: (() => void)[] = [];

  const place = (): (() => void) => {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      taken -= 1;
      queue.shift()?.();
    };
  };
  return {
    async enter(deadline) {
      if (taken < limit && queue.length === 0) {
        taken += 1;
        return place();
      }
      return new Promise((resolve, reject) => {
        const onTurn = (): void => {
          deadline.signal.removeEventListener('abort', onAbort);
          taken += 1;
          resolve(place());
        };
        const onAbort = (): void => {
          queue.splice(queue.indexOf(onTurn), 1);
          reject(deadline.signal.reason as Error);
        };
        if (deadline.signal.aborted) {
          reject(deadline.signal.reason as Error);
          return;
        }
        deadline.signal.addEventListener('abort', onAbort, { once: true });
        queue.push(onTurn);
      });
    },
  };
}
