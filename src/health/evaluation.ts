import { DAY_MS } from '../clock/units.js';
import type { StorageFacts } from '../host/host-tools.js';

/** Of Windows 10 and 11 Enterprise; afterwards Windows switches itself off every hour. */
const EVALUATION_MS = 90 * DAY_MS;

/**
 * When the evaluation of an installed Windows ends, epoch ms: ninety days after its installation began. dockur names what it
 * installed from, and what is an evaluation has `-eval` in it. Undefined for other Windows, and where it is not known.
 * https://www.microsoft.com/evalcenter/evaluate-windows-11-enterprise
 */
export function evaluationEndsAt({ base, begunS }: Pick<StorageFacts, 'base' | 'begunS'>): number | undefined {
  return begunS > 0 && /-eval\b/.test(base) ? begunS * 1000 + EVALUATION_MS : undefined;
}

/** Whole days until then; negative when it is over. */
export function daysUntil(endsAtMs: number, nowMs: number): number {
  return Math.floor((endsAtMs - nowMs) / DAY_MS);
}
