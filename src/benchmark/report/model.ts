import type { TaskState } from '../../events/catalogue.js';
import { groupBy } from '../group-by.js';
import { runCost, type RunCost } from '../cost.js';
import { begins, type FinishedLine, type QueueLine, type RunHead } from '../run-record.js';
import { summarise, type RunSummary, type TaskResult } from '../summary.js';
import type { TaskIndex } from '../task-index.js';

/** One attempt as the record of the run has it. */
export interface AttemptRow {
  readonly task: string;
  readonly attempt: number;
  readonly worker: string;
  /** Epoch ms. */
  readonly startedAt: number;
  /** Undefined: its end was not seen. */
  readonly endedAt: number | undefined;
  /** Of the attempt itself, as in its record: less than the span where nobody watched; undefined: its end was not seen. */
  readonly durationMs: number | undefined;
  readonly state: TaskState | 'open';
  readonly score: number | null;
  readonly reason: string;
  readonly steps: number;
  /** Part of its time: Windows was brought back first. */
  readonly resetMs?: number;
}

/** One task with everything that was tried. */
export interface TaskReport extends TaskResult {
  readonly rows: readonly AttemptRow[];
  /** Worker time of all its attempts in USD; undefined when the run's prices are not known. */
  readonly costUsd: number | undefined;
}

/** Attempts that ended for the same cause. */
export interface FailureClass {
  readonly state: TaskState;
  readonly reason: string;
  readonly attempts: number;
  readonly tasks: number;
}

/** Everything the report files say. */
export interface RunReport {
  readonly head: RunHead;
  readonly summary: RunSummary;
  readonly tasks: readonly TaskReport[];
  readonly attempts: readonly AttemptRow[];
  readonly workers: readonly string[];
  readonly failures: readonly FailureClass[];
  readonly cost: RunCost | undefined;
  /** Epoch ms of the first and of the last line; undefined for a run without an attempt. */
  readonly beganAt: number | undefined;
  readonly endedAt: number | undefined;
}

/** The report of a run, from its record. Pure. */
export function buildReport(head: RunHead, lines: readonly QueueLine[], index: TaskIndex): RunReport {
  const summary = summarise(head, lines, index);
  const attempts = attemptRows(lines);
  const byTask = groupBy(attempts, (row) => row.task);
  const cost = head.prices && runCost(lines, head.prices);
  const tasks = summary.tasks.map((task): TaskReport => {
    const costUsd = cost?.tasks[task.task] ?? (cost ? 0 : undefined);
    return { ...task, rows: byTask.get(task.task) ?? [], costUsd };
  });
  return {
    head,
    summary,
    tasks,
    attempts,
    workers: [...new Set(attempts.map((row) => row.worker))].sort((a, b) =>
      a.localeCompare(b, 'en', { numeric: true }),
    ),
    failures: failureClasses(attempts),
    cost,
    beganAt: lines[0]?.at,
    endedAt: lines.at(-1)?.at,
  };
}

/**
 * Every attempt that was handed to a worker, in the order of their starts, resets included. One that was attached to again
 * keeps its first start.
 */
export function attemptRows(lines: readonly QueueLine[]): readonly AttemptRow[] {
  const rows = new Map<string, AttemptRow>();
  const handedOver = new Set<string>();
  for (const line of lines) {
    if (!('task' in line)) continue;
    const key = `${line.task} ${line.attempt}`;
    if (line.type === 'returned') {
      if (line.begun === false) rows.delete(key);
      continue;
    }
    const known = rows.get(key);
    if (line.type === 'finished') rows.set(key, ended(line, known));
    else if (line.type === 'started' && !handedOver.has(key)) rows.set(key, { ...begun(line), startedAt: line.at });
    if (begins(line) || line.type === 'finished') handedOver.add(key);
  }
  return [...rows].flatMap(([key, row]) => (handedOver.has(key) ? row : [])).sort((a, b) => a.startedAt - b.startedAt);
}

function begun({
  task,
  attempt,
  worker,
}: Pick<AttemptRow, 'task' | 'attempt' | 'worker'>): Omit<AttemptRow, 'startedAt'> {
  return {
    task,
    attempt,
    worker,
    endedAt: undefined,
    durationMs: undefined,
    state: 'open',
    score: null,
    reason: '',
    steps: 0,
  };
}

function ended(line: FinishedLine, known: AttemptRow | undefined): AttemptRow {
  const { task, attempt, worker, state, score, reason, steps, at, durationMs } = line;
  const startedAt = known?.startedAt ?? at - durationMs;
  const row: AttemptRow = { task, attempt, worker, state, score, reason, steps, startedAt, endedAt: at, durationMs };
  return line.resetMs === undefined ? row : { ...row, resetMs: line.resetMs };
}

/** Attempts without a score, by their cause, most frequent first. */
function failureClasses(attempts: readonly AttemptRow[]): readonly FailureClass[] {
  const failed = attempts.flatMap((row) =>
    row.state === 'open' || row.state === 'scored' ? [] : [{ ...row, state: row.state }],
  );
  const groups = groupBy(failed, (row) => `${row.state}: ${causeOf(row.reason)}`);
  return [...groups.values()]
    .flatMap((rows): FailureClass[] => {
      const [first] = rows;
      if (!first) return [];
      const tasks = new Set(rows.map((row) => row.task)).size;
      return [{ state: first.state, reason: causeOf(first.reason), attempts: rows.length, tasks }];
    })
    .sort((a, b) => b.attempts - a.attempts || a.reason.localeCompare(b.reason));
}

/** What attempts that failed alike have in common: names of attempts, figures and all that follows a colon differ. */
function causeOf(reason: string): string {
  const short = reason
    .replace(/\battempt \S+/g, 'the attempt')
    .replace(/\bworker \S+/g, 'the worker')
    .replace(/\d+(\.\d+)?/g, 'N');
  return short.length > 120 ? `${short.slice(0, 117)}...` : short;
}
