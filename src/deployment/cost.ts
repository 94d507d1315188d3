import type { PowerState } from '../clients/arm/arm.js';
import { DAY_MS, HOUR_MS } from '../clock/units.js';

/** A stretch of a VM's life in one power state; `toMs` is missing while it lasts. Epoch ms. */
export interface StateInterval {
  readonly worker: string;
  readonly power: PowerState;
  readonly fromMs: number;
  readonly toMs?: number;
}

/** Prices of one worker, in USD. */
export interface WorkerPrices {
  readonly vmUsdPerHour: number;
  /** Disks and public address: due as long as they exist, paused or not. */
  readonly storageUsdPerDay: number;
}

export interface Cost {
  readonly computeUsd: number;
  readonly storageUsd: number;
  readonly totalUsd: number;
  /** What an hour costs in the present state. */
  readonly hourlyUsd: number;
  /** Hours for which compute was billed. */
  readonly billedHours: number;
}

/** Azure bills compute from allocation on, and a VM that is only stopped is still allocated. */
export function isBilled(power: PowerState): boolean {
  return power !== 'deallocated';
}

/** Cost until `nowMs` of the VMs whose states these are. A reversed interval counts as nothing. */
export function costUntil(intervals: readonly StateInterval[], prices: WorkerPrices, nowMs: number): Cost {
  let billedMs = 0;
  let existedMs = 0;
  let runningNow = 0;
  let existingNow = 0;
  for (const interval of intervals) {
    const ms = Math.max(0, (interval.toMs ?? nowMs) - interval.fromMs);
    existedMs += ms;
    if (isBilled(interval.power)) billedMs += ms;
    if (interval.toMs !== undefined) continue;
    existingNow += 1;
    if (isBilled(interval.power)) runningNow += 1;
  }
  const computeUsd = (billedMs / HOUR_MS) * prices.vmUsdPerHour;
  const storageUsd = (existedMs / DAY_MS) * prices.storageUsdPerDay;
  return {
    computeUsd,
    storageUsd,
    totalUsd: computeUsd + storageUsd,
    hourlyUsd: runningNow * prices.vmUsdPerHour + (existingNow * prices.storageUsdPerDay) / 24,
    billedHours: billedMs / HOUR_MS,
  };
}

/** What is spent at `atMs` if everything stays as it is. */
export function projectedUsd(cost: Cost, nowMs: number, atMs: number): number {
  return cost.totalUsd + cost.hourlyUsd * Math.max(0, (atMs - nowMs) / HOUR_MS);
}

/** Milliseconds until a budget is used up at the present rate; undefined when it never is, 0 when it is already. */
export function budgetLeftMs(cost: Cost, maxUsd: number): number | undefined {
  const left = maxUsd - cost.totalUsd;
  if (left <= 0) return 0;
  return cost.hourlyUsd === 0 ? undefined : (left / cost.hourlyUsd) * HOUR_MS;
}

/**
 * Whether one more task may be begun within a budget: if the most it can take, at what all workers cost together, still
 * fits. Then every task that was begun earlier is over by that time, too, and the budget cannot be passed.
 */
export function mayBegin(
  spent: { readonly usd: number; readonly hourlyUsd: number },
  limitMs: number,
  maxUsd: number,
): boolean {
  return spent.usd + spent.hourlyUsd * (limitMs / HOUR_MS) <= maxUsd;
}

/** Shares what the tasks' VM time cost among them, by their durations; idle time stays outside. */
export function costPerTask(durationsMs: readonly number[], prices: WorkerPrices): readonly number[] {
  const perMs = prices.vmUsdPerHour / HOUR_MS + prices.storageUsdPerDay / DAY_MS;
  return durationsMs.map((ms) => ms * perMs);
}
