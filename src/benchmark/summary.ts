import type { TaskState } from '../events/catalogue.js';
import { createLedger } from './queue-ledger.js';
import { standings, type FinishedLine, type QueueLine, type RunHead } from './run-record.js';
import { parseTaskName, type TaskIndex } from './task-index.js';

/** One task as it stands in the report. */
export interface TaskResult {
  readonly task: string;
  readonly domain: string;
  readonly feasible: boolean;
  /** `pending`: not run yet, or not to its end. */
  readonly state: TaskState | 'pending';
  readonly score: number | null;
  readonly attempts: number;
  /** Of the last attempt. */
  readonly durationMs: number;
  readonly steps: number;
  readonly reason: string;
}

/** Sums over a group of tasks. Rates are 0..1 and null where the group is empty. */
export interface Rates {
  readonly planned: number;
  /** Scored, or the agent's own doing (error, timeout): what may be compared. */
  readonly valid: number;
  /** Tasks with a full score. */
  readonly passed: number;
  readonly scoreSum: number;
  readonly overPlanned: number | null;
  readonly overValid: number | null;
  /** 95 % Wilson interval of passed over valid. */
  readonly interval: readonly [number, number] | null;
}

/** What bringing Windows back before attempts took, as part of their time. */
export interface ResetCost {
  readonly mode: string;
  readonly attempts: number;
  readonly totalMs: number;
  readonly meanMs: number;
}

export interface RunSummary {
  readonly runId: string;
  readonly agent: string;
  readonly model: string;
  /** Nothing waits any more: `waiting` is 0. */
  readonly complete: boolean;
  /** Tasks to begin, to see to their end, or to try again because the infrastructure spoiled them. */
  readonly waiting: number;
  readonly tasks: readonly TaskResult[];
  readonly states: Readonly<Record<TaskState | 'pending', number>>;
  readonly all: Rates;
  /** Without the tasks whose right answer is to give up. */
  readonly feasible: Rates;
  readonly domains: Readonly<Record<string, Rates>>;
  /** Time of all attempts together, spoiled ones included. */
  readonly attemptMs: number;
  /** Infrastructure failures in all attempts, also those a retry made good. */
  readonly infraFailures: number;
  /** Absent in a run whose attempts began in whatever state the one before left. */
  readonly reset?: ResetCost;
}

/** What a run came to, from its record. Pure. */
export function summarise(head: RunHead, lines: readonly QueueLine[], index: TaskIndex): RunSummary {
  const stands = standings(lines);
  const tasks = head.tasks.map((name): TaskResult => {
    const { domain, id } = parseTaskName(name);
    const stand = stands.get(name);
    const last = stand?.last;
    return {
      task: name,
      domain,
      feasible: index.find(domain, id)?.feasible ?? true,
      state: last?.state ?? 'pending',
      score: last?.score ?? null,
      attempts: stand?.attempts ?? 0,
      durationMs: last?.durationMs ?? 0,
      steps: last?.steps ?? 0,
      reason: last?.reason ?? '',
    };
  });
  const { pending, leased } = createLedger({ tasks: head.tasks, lines, expectedMs: new Map() }).view(0);
  const waiting = pending + leased;
  const states = { scored: 0, agent_error: 0, infra_error: 0, eval_error: 0, timeout: 0, cancelled: 0, pending: 0 };
  for (const task of tasks) states[task.state] += 1;
  const finished = lines.filter((line) => line.type === 'finished');
  const reset = resetCost(head, finished);
  const domains = [...new Set(tasks.map((task) => task.domain))];
  return {
    runId: head.runId,
    agent: head.agent,
    model: head.model,
    complete: waiting === 0,
    waiting,
    tasks,
    states,
    all: ratesOf(tasks),
    feasible: ratesOf(tasks.filter((task) => task.feasible)),
    domains: Object.fromEntries(
      domains.map((domain) => [domain, ratesOf(tasks.filter((task) => task.domain === domain))]),
    ),
    attemptMs: finished.reduce((sum, line) => sum + line.durationMs, 0),
    infraFailures: finished.filter((line) => line.state === 'infra_error').length,
    ...(reset === undefined ? {} : { reset }),
  };
}

function resetCost(head: RunHead, finished: readonly FinishedLine[]): ResetCost | undefined {
  const spent = finished.flatMap(({ resetMs }) => (resetMs === undefined ? [] : [resetMs]));
  if (spent.length === 0) return undefined;
  const totalMs = spent.reduce((sum, ms) => sum + ms, 0);
  return { mode: head.reset ?? 'none', attempts: spent.length, totalMs, meanMs: Math.round(totalMs / spent.length) };
}

function ratesOf(tasks: readonly TaskResult[]): Rates {
  const valid = tasks.filter(
    (task) => task.state === 'scored' || task.state === 'agent_error' || task.state === 'timeout',
  );
  const scoreSum = valid.reduce((sum, task) => sum + (task.score ?? 0), 0);
  const passed = valid.filter((task) => task.score === 1).length;
  const over = (count: number): number | null => (count === 0 ? null : scoreSum / count);
  return {
    planned: tasks.length,
    valid: valid.length,
    passed,
    scoreSum,
    overPlanned: over(tasks.length),
    overValid: over(valid.length),
    interval: wilson(passed, valid.length),
  };
}

/** Wilson score interval with z = 1.96: honest for the small numbers a run has. */
export function wilson(passed: number, count: number): readonly [number, number] | null {
  if (count === 0) return null;
  const z = 1.96;
  const share = passed / count;
  const scale = 1 + z ** 2 / count;
  const centre = share + z ** 2 / (2 * count);
  const spread = z * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2));
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}
