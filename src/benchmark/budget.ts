import { mayBegin } from '../deployment/cost.js';
import { runCost } from './cost.js';
import type { WorkerJob } from './run-settings.js';

/** After its time limit a task's results are fetched; the worker is paid for that, too. */
const FETCH_MS = 10 * 60_000;

/** Whether one more task fits into `benchmark.maxCostUsd`, should it take all its time. */
export function withinBudget({ settings, store, workers }: WorkerJob): boolean {
  const { config, clock } = settings;
  const { maxCostUsd, taskTimeoutS } = config.benchmark;
  const prices = store.head.prices;
  if (maxCostUsd === undefined || !prices) return true;
  const usd = runCost(store.lines, prices, clock.now()).totalUsd;
  const hourlyUsd = workers * (prices.vmUsdPerHour + prices.storageUsdPerDay / 24);
  return mayBegin({ usd, hourlyUsd }, taskTimeoutS * 1000 + FETCH_MS, maxCostUsd);
}

/** Says why a worker stops although tasks are left. */
export function tellBudget({ settings, worker }: WorkerJob, left: number): void {
  const text = `the budget of $${settings.config.benchmark.maxCostUsd ?? 0} allows no further task; ${left} are left`;
  settings.emit('log', { component: 'benchmark' }, text, { level: 'warn', worker: worker.name });
}
