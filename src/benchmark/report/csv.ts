import type { RunReport } from './model.js';

/** One line a task, RFC 4180. A cell that a spreadsheet would take for a formula is led by an apostrophe. */
export function resultsCsv(report: RunReport): string {
  const head = [
    'task',
    'domain',
    'feasible',
    'state',
    'score',
    'attempts',
    'steps',
    'duration_s',
    'reset_s',
    'cost_usd',
    'worker',
    'reason',
  ];
  const rows = report.tasks.map((task) => [
    task.task,
    task.domain,
    task.feasible,
    task.state,
    task.score ?? '',
    task.attempts,
    task.steps,
    (task.durationMs / 1000).toFixed(1),
    ((task.rows.at(-1)?.resetMs ?? 0) / 1000).toFixed(1),
    task.costUsd?.toFixed(4) ?? '',
    task.rows.at(-1)?.worker ?? '',
    task.reason,
  ]);
  return csv([head, ...rows]);
}

/** Rows as CSV with CRLF line ends. */
export function csv(rows: readonly (readonly (string | number | boolean)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
