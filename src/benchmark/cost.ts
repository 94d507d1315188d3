import { z } from 'zod';
import { costPerTask, costUntil, type StateInterval } from '../deployment/cost.js';
import type { FinishedLine, QueueLine } from './run-record.js';

/** What one worker cost when the run began; part of `run.json`. */
export const runPricesSchema = z.object({
  vmUsdPerHour: z.number().nonnegative(),
  storageUsdPerDay: z.number().nonnegative(),
  /** `retail`, `cache` or `built-in`, and the date of the price. */
  source: z.string(),
  asOf: z.string(),
});
export type RunPrices = Readonly<z.infer<typeof runPricesSchema>>;

/** What a run cost: worker time only. What the model's provider charges is not known here. */
export interface RunCost {
  readonly prices: RunPrices;
  /** Hours that workers were in the run's hands, all workers together. */
  readonly workerHours: number;
  readonly computeUsd: number;
  readonly storageUsd: number;
  readonly totalUsd: number;
  /** Of it: attempts that the infrastructure spoiled, and workers without an attempt (set-up, repair, waiting). */
  readonly spoiledUsd: number;
  readonly idleUsd: number;
  /** USD by worker, and by task over all its attempts. */
  readonly workers: Readonly<Record<string, number>>;
  readonly tasks: Readonly<Record<string, number>>;
}

/** When each worker was in the run's hands, from the record. Pure. */
export function workerSpans(lines: readonly QueueLine[]): readonly StateInterval[] {
  const spans = new Map<string, { fromMs: number; toMs: number }>();
  for (const line of lines) {
    const known = spans.get(line.worker);
    if (known) known.toMs = line.at;
    else spans.set(line.worker, { fromMs: line.at, toMs: line.at });
  }
  return [...spans].map(([worker, span]) => ({ worker, power: 'running', ...span }));
}

/** The cost of a run so far, from its record. Pure. */
export function runCost(lines: readonly QueueLine[], prices: RunPrices): RunCost {
  const spans = workerSpans(lines);
  const cost = (intervals: readonly StateInterval[]): ReturnType<typeof costUntil> => costUntil(intervals, prices, 0);
  const whole = cost(spans);
  const finished = lines.filter((line): line is FinishedLine => line.type === 'finished');
  const shares = costPerTask(
    finished.map((line) => line.durationMs),
    prices,
  );
  const tasks: Record<string, number> = {};
  let spoiledUsd = 0;
  for (const [index, line] of finished.entries()) {
    const usd = shares[index] ?? 0;
    tasks[line.task] = (tasks[line.task] ?? 0) + usd;
    if (line.state === 'infra_error') spoiledUsd += usd;
  }
  const busyUsd = shares.reduce((sum, usd) => sum + usd, 0);
  const names = [...new Set(spans.map((span) => span.worker))];
  return {
    prices,
    workerHours: whole.billedHours,
    computeUsd: whole.computeUsd,
    storageUsd: whole.storageUsd,
    totalUsd: whole.totalUsd,
    spoiledUsd,
    idleUsd: Math.max(0, whole.totalUsd - busyUsd),
    workers: Object.fromEntries(
      names.map((name) => [name, cost(spans.filter((span) => span.worker === name)).totalUsd]),
    ),
    tasks,
  };
}
