import * as z from 'zod';
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

/**
 * When each worker was in the run's hands, from the record: from the opening of the run to the last line before the next
 * opening, or to `nowMs` for the last one. Between two openings the run costs nothing, whatever the deployment does. Pure.
 */
export function workerSpans(lines: readonly QueueLine[], nowMs?: number): readonly StateInterval[] {
  const spans: { worker: string; power: 'running'; fromMs: number; toMs: number }[] = [];
  let current = new Map<string, (typeof spans)[number]>();
  const begin = (worker: string, at: number): void => {
    const span = { worker, power: 'running', fromMs: at, toMs: at } as const;
    spans.push(span);
    current.set(worker, spans[spans.length - 1] ?? span);
  };
  for (const line of lines) {
    if (line.type === 'opened') {
      current = new Map();
      for (const worker of line.workers) begin(worker, line.at);
      continue;
    }
    if ('worker' in line && !current.has(line.worker)) begin(line.worker, line.at);
    for (const span of current.values()) span.toMs = Math.max(span.toMs, line.at);
  }
  for (const span of current.values()) span.toMs = Math.max(span.toMs, nowMs ?? 0);
  return spans;
}

/** The cost of a run so far, from its record. Pure. */
export function runCost(lines: readonly QueueLine[], prices: RunPrices, nowMs?: number): RunCost {
  const spans = workerSpans(lines, nowMs);
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
