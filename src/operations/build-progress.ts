import type { BuildEvent } from '../clients/docker-engine/docker-engine.js';

/** How far a build is. */
export interface BuildProgress {
  /** The step at work and how many there are, as far as the builder has told; 0 of 0 before the first. */
  readonly step: number;
  readonly steps: number;
  readonly instruction: string;
  /** 0..100: steps done, the pull of a base image by its bytes. */
  readonly percent?: number;
  /** Left of the pull under way. Other steps are too unlike to promise anything. */
  readonly etaMs?: number;
}

/** Adds a build's events up. `nowMs` is the time of the event. */
export function createBuildProgress(): { take(event: BuildEvent, nowMs: number): BuildProgress } {
  const ended = new Set<number>();
  const transfers = new Map<string, { doneBytes: number; totalBytes: number }>();
  let at = { step: 0, steps: 0, instruction: '' };
  let pullSince: number | undefined;
  /** Sizes of layers are told one after the other, so the share of a pull may fall; what was said stands. */
  let reached = 0;
  return {
    take(event, nowMs) {
      if (event.kind === 'step') {
        const { step, steps, instruction, state } = event;
        if (state === 'started') {
          at = { step: Math.max(at.step, step), steps: Math.max(at.steps, steps), instruction };
        } else if (step > 0) {
          at = { ...at, steps: Math.max(at.steps, steps) };
          ended.add(step);
        }
      } else if (event.kind === 'transfer') {
        pullSince ??= nowMs;
        transfers.set(event.id, event);
      }
      return summary(nowMs);
    },
  };

  function summary(nowMs: number): BuildProgress {
    const sums = [...transfers.values()].reduce(
      (sum, { doneBytes, totalBytes }) => ({ done: sum.done + doneBytes, total: sum.total + totalBytes }),
      { done: 0, total: 0 },
    );
    const isPull = /^FROM /i.test(at.instruction) && sums.total > 0 && sums.done < sums.total;
    const share = isPull ? sums.done / sums.total : 0;
    if (at.steps > 0) reached = Math.max(reached, Math.min(100, Math.floor((100 * (ended.size + share)) / at.steps)));
    const elapsedMs = pullSince === undefined ? 0 : nowMs - pullSince;
    const etaMs = isPull && share > 0 && elapsedMs > 0 ? Math.round((elapsedMs * (1 - share)) / share) : undefined;
    return {
      ...at,
      ...(at.steps === 0 ? {} : { percent: reached }),
      ...(etaMs === undefined ? {} : { etaMs }),
    };
  }
}
