import type { TaskState } from '../../events/catalogue.js';
import { formatUsd } from '../../money.js';
import { median } from '../../state/median.js';
import type { Style } from './style.js';
import { paintTable, type Column } from './table.js';
import { formatDuration, formatPercent } from './units.js';

/** One task with its last attempt, as far as the table needs it. */
export interface ResultRow {
  readonly task: string;
  readonly domain: string;
  /** `pending`: none has ended. */
  readonly state: TaskState | 'pending';
  /** 0..1; null when the attempt gave no honest score. */
  readonly score: number | null;
  readonly durationMs: number;
  readonly costUsd?: number;
}

interface DomainRow {
  readonly domain: string;
  readonly rows: readonly ResultRow[];
}

/** Attempts whose score says something about the agent. */
const valid: ReadonlySet<ResultRow['state']> = new Set(['scored', 'agent_error', 'timeout']);

/** The results by domain with a total: planned, valid, solved, rate over valid tasks, median time, cost. */
export function paintResults(rows: readonly ResultRow[], style: Style): readonly string[] {
  const domains = [...new Set(rows.map((row) => row.domain))].sort();
  const lines: DomainRow[] = domains.map((domain) => ({ domain, rows: rows.filter((row) => row.domain === domain) }));
  const priced = rows.some((row) => row.costUsd !== undefined);
  const columns: readonly Column<DomainRow>[] = [
    { title: 'domain', cell: (line) => line.domain, shrinkTo: 10 },
    { title: 'tasks', cell: (line) => String(line.rows.length), align: 'right' },
    { title: 'valid', cell: (line) => String(validOf(line).length), align: 'right' },
    {
      title: 'score',
      cell: (line) =>
        scoreOf(line)
          .toFixed(2)
          .replace(/\.?0+$/, ''),
      align: 'right',
    },
    { title: 'success', cell: rateOf, align: 'right' },
    { title: 'median time', cell: timeOf, align: 'right' },
    ...(priced ? [{ title: 'cost', cell: costOf, align: 'right' } as const] : []),
  ];
  const [head, ...body] = paintTable(columns, [...lines, { domain: 'all', rows }], style);
  const total = body.pop() ?? '';
  return [head ?? '', ...body, style.colour.bold(total)];
}

function validOf(line: DomainRow): readonly ResultRow[] {
  return line.rows.filter((row) => valid.has(row.state));
}

function scoreOf(line: DomainRow): number {
  return validOf(line).reduce((sum, row) => sum + (row.score ?? 0), 0);
}

function rateOf(line: DomainRow): string {
  const count = validOf(line).length;
  return count === 0 ? '-' : formatPercent((scoreOf(line) / count) * 100);
}

function timeOf(line: DomainRow): string {
  const middle = median(line.rows.flatMap((row) => (row.state === 'pending' ? [] : [row.durationMs])));
  return middle === undefined ? '-' : formatDuration(middle);
}

function costOf(line: DomainRow): string {
  return formatUsd(line.rows.reduce((sum, row) => sum + (row.costUsd ?? 0), 0));
}
