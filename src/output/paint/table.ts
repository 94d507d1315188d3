import type { Style } from './style.js';
import { pad, textWidth, truncate } from './text.js';

export interface Column<R> {
  readonly title: string;
  readonly cell: (row: R) => string;
  readonly align?: 'left' | 'right';
  /** Shrinks, down to this many columns, when the table would be too wide. Without it the column never shrinks. */
  readonly shrinkTo?: number;
}

const GAP = '  ';

/**
 * A table without rules: titles in bold, then a line a row, no wider than the style. Columns that may shrink give way,
 * the widest first; their cells end in an ellipsis.
 */
export function paintTable<R>(columns: readonly Column<R>[], rows: readonly R[], style: Style): readonly string[] {
  const cells = rows.map((row) => columns.map((column) => column.cell(row)));
  const widths = columns.map((column, index) =>
    Math.max(textWidth(column.title), ...cells.map((row) => textWidth(row[index] ?? ''))),
  );
  shrink(widths, columns, style.columns);
  const line = (texts: readonly string[]): string => {
    const fitted = texts.map((text, index) => fit(text, widths[index] ?? 0, columns[index]?.align));
    return truncate(fitted.join(GAP).trimEnd(), style.columns, style);
  };
  const fit = (text: string, width: number, align: 'left' | 'right' = 'left'): string =>
    pad(truncate(text, width, style), width, align);
  return [style.colour.bold(line(columns.map((column) => column.title))), ...cells.map(line)];
}

function shrink<R>(widths: number[], columns: readonly Column<R>[], room: number): void {
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - room;
  while (excess > 0) {
    let widest = -1;
    columns.forEach(({ shrinkTo }, index) => {
      const width = widths[index] ?? 0;
      if (shrinkTo !== undefined && width > shrinkTo && width > (widths[widest] ?? 0)) widest = index;
    });
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
}
