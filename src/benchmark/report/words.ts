import type { ResetCost } from '../summary.js';

/** Figures in words, the same in every report file. */

export function percent(rate: number | null): string {
  return rate === null ? '-' : `${(rate * 100).toFixed(1)} %`;
}

/** `12.0 to 34.5 %` of an interval of shares; `-` for none. */
export function percentRange(interval: readonly [number, number] | null): string {
  return interval ? `${(interval[0] * 100).toFixed(1)} to ${(interval[1] * 100).toFixed(1)} %` : '-';
}

/** A score or a sum of scores, without needless digits. */
export function score(value: number): string {
  return String(Number(value.toFixed(2)));
}

/** `45 s`, `3 min 05 s`, `2 h 07 min`. */
export function duration(ms: number): string {
  const seconds = Math.round(Math.max(0, ms) / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
}

/** What resets cost, in a sentence. */
export function resetWords({ mode, attempts, totalMs, meanMs }: ResetCost): string {
  if (attempts === 1) return `Windows was reset (${mode}) before 1 attempt: ${duration(totalMs)}.`;
  return `Windows was reset (${mode}) before ${attempts} attempts: ${duration(meanMs)} each on average, ${duration(totalMs)} in all.`;
}

/** `2026-11-22 05:36 UTC`. */
export function moment(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
