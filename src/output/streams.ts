import { createColour, wantsColour, wantsUnicode } from './colour.js';
import type { Style } from './paint/style.js';

/** A place text goes to: a terminal, a pipe, a file. */
export interface TextStream {
  readonly isTTY: boolean;
  /** A terminal that understands cursor movement, i.e. not `TERM=dumb`: only there a frame can be repainted. */
  readonly canRepaint: boolean;
  /** Columns now; 80 where there is no terminal. */
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
  /** How to paint for it, now. */
  style(): Style;
  /** Calls back when the terminal changes its size; the returned function ends that. */
  onResize(callback: () => void): () => void;
}

/** Results go to `stdout`, everything else to `stderr`. */
export interface Streams {
  readonly stdout: TextStream;
  readonly stderr: TextStream;
}

/** What a Node stream offers, as far as it is used here. */
export interface NodeStreamLike {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
  on(event: 'resize', callback: () => void): unknown;
  off(event: 'resize', callback: () => void): unknown;
}

export interface StreamsInput {
  readonly stdout: NodeStreamLike;
  readonly stderr: NodeStreamLike;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
}

/** Narrower than this nothing useful can be painted. */
const NARROWEST = 40;
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

/** Makes the port from the process's streams. `COLUMNS` overrides the width where there is no terminal. */
export function createStreams({ stdout, stderr, env, platform }: StreamsInput): Streams {
  const unicode = wantsUnicode(env, platform);
  const wrap = (stream: NodeStreamLike): TextStream => {
    const isTTY = stream.isTTY === true;
    const colour = createColour(wantsColour(env, isTTY));
    const columns = (): number =>
      Math.max(NARROWEST, positive(stream.columns) ?? positive(Number(env['COLUMNS'])) ?? DEFAULT_COLUMNS);
    return {
      isTTY,
      canRepaint: isTTY && env['TERM'] !== 'dumb',
      get columns() {
        return columns();
      },
      get rows() {
        return positive(stream.rows) ?? DEFAULT_ROWS;
      },
      write(text) {
        stream.write(text);
      },
      style: () => ({ colour, unicode, columns: columns() }),
      onResize(callback) {
        stream.on('resize', callback);
        return () => {
          stream.off('resize', callback);
        };
      },
    };
  };
  return { stdout: wrap(stdout), stderr: wrap(stderr) };
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value > 0 ? value : undefined;
}
