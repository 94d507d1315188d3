import { describeOrigin, type OriginRow } from '../../config/origin.js';
import type { Style } from './style.js';
import { paintTable, type Column } from './table.js';

/** The configuration as a table; with `withOrigin` also where each value comes from. */
export function paintConfig(rows: readonly OriginRow[], withOrigin: boolean, style: Style): readonly string[] {
  const columns: readonly Column<OriginRow>[] = [
    { title: 'key', cell: (row) => row.key },
    { title: 'value', cell: (row) => valueOf(row.value), shrinkTo: 12 },
    ...(withOrigin ? [{ title: 'origin', cell: (row: OriginRow) => describeOrigin(row.origin), shrinkTo: 12 }] : []),
  ];
  return paintTable(columns, rows, style);
}

function valueOf(value: unknown): string {
  if (value === undefined) return '(not set)';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
