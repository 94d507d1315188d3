import { createColour } from '../../src/output/colour.js';
import type { TextStream } from '../../src/output/streams.js';

/** A stream that keeps what was written and can change its size. */
export interface FakeStream extends TextStream {
  readonly writes: string[];
  readonly text: string;
  /** Listeners for a new size. */
  readonly watchers: number;
  resize(columns: number, rows: number): void;
}

export interface FakeStreamOptions {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly colour?: boolean;
}

export function createFakeStream(options: FakeStreamOptions = {}): FakeStream {
  const writes: string[] = [];
  const watchers = new Set<() => void>();
  let { columns = 80, rows = 24 } = options;
  return {
    writes,
    get text() {
      return writes.join('');
    },
    get watchers() {
      return watchers.size;
    },
    isTTY: options.isTTY ?? true,
    canRepaint: options.isTTY ?? true,
    get columns() {
      return columns;
    },
    get rows() {
      return rows;
    },
    write: (text) => {
      writes.push(text);
    },
    style: () => ({ colour: createColour(options.colour ?? false), unicode: true, columns }),
    onResize(callback) {
      watchers.add(callback);
      return () => {
        watchers.delete(callback);
      };
    },
    resize(newColumns, newRows) {
      columns = newColumns;
      rows = newRows;
      for (const watcher of watchers) watcher();
    },
  };
}

/** What a terminal shows after these writes: understands just the sequences that the screen uses. */
export function terminalAfter(writes: readonly string[]): readonly string[] {
  const lines: string[] = [''];
  let row = 0;
  let column = 0;
  for (const [piece] of writes.join('').matchAll(/\u001b\[\??\d*[A-Za-z]|[\s\S]/g)) {
    const up = /^\u001b\[(\d+)A$/.exec(piece);
    if (up) row = Math.max(0, row - Number(up[1]));
    else if (piece === '\u001b[K') lines[row] = (lines[row] ?? '').slice(0, column);
    else if (piece === '\u001b[J') {
      lines.length = row + 1;
      lines[row] = (lines[row] ?? '').slice(0, column);
    } else if (piece === '\r') column = 0;
    else if (piece === '\n') {
      row += 1;
      column = 0;
      lines[row] ??= '';
    } else if (!piece.startsWith('\u001b')) {
      const line = (lines[row] ?? '').padEnd(column);
      lines[row] = line.slice(0, column) + piece + line.slice(column + 1);
      column += 1;
    }
  }
  return lines;
}
