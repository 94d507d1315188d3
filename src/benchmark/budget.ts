import { counted } from '../counted.js';
import { mayBegin } from '../deployment/cost.js';
import { formatUsd } from '../money.js';
import { runCost } from './cost.js';
import type { RunSettings } from './run-settings.js';
import type { RunStore } from './run-store.js';

/** After its time limit a task's results are fetched; the worker is paid for that, too. */
const FETCH_MS = 10 * 60_000;

/** What a run may cost: `benchmark.maxCostUsd`. */
export interface Budget {
  /** Whether one more task fits into it, should it take all its time. */
  allowsTask(): boolean;
  /** Says, once a run, why it ends although so many tasks are left. */
  tell(left: number): void;
}

/** The budget of a run of so many workers, all of which cost money. */
export function createBudget(
  { config, clock, emit }: Pick<RunSettings, 'config' | 'clock' | 'emit'>,
  store: Pick<RunStore, 'head' | 'lines'>,
  workers: number,
): Budget {
  const { maxCostUsd, taskTimeoutS } = config.benchmark;
  let told = false;
  return {
    allowsTask() {
      const { prices } = store.head;
      if (maxCostUsd === undefined || !prices) return true;
      const usd = runCost(store.lines, prices, clock.now()).totalUsd;
      const hourlyUsd = workers * (prices.vmUsdPerHour + prices.storageUsdPerDay / 24);
      return mayBegin({ usd, hourlyUsd }, taskTimeoutS * 1000 + FETCH_MS, maxCostUsd);
    },
    tell(left) {
      if (told || left === 0) return;
      told = true;
      const text = `the budget of ${formatUsd(maxCostUsd ?? 0)} allows no further task; ${counted(left, 'task')} left`;
      emit('log', { component: 'benchmark' }, text, { level: 'warn' });
    },
  };
}
