import type { Clock } from '../clock/clock.js';
import type { EventConsumer } from '../events/bus.js';
import { reduce } from '../events/reducer.js';
import { emptyView, type View } from '../events/view.js';
import type { Style } from './paint/style.js';
import { textWidth, truncate } from './paint/text.js';
import type { TextStream } from './streams.js';

/** At most ten paintings a second; a still frame is repainted once a second for its clocks. */
const FRAME_MS = 100;
const TICK_MS = 1_000;

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/** Terminals that know synchronised output show a frame at once; the others ignore these. */
const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';
const CLEAR_LINE_END = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

export interface ScreenOptions {
  readonly stream: TextStream;
  /** The person's time, not the lab's: paces painting. */
  readonly wallClock: Clock;
  /** The time events carry. */
  readonly clock: Pick<Clock, 'now'>;
  readonly paint: (view: View, now: number, style: Style) => readonly string[];
  /** The view to begin with, e.g. folded from the journal. */
  readonly initial?: View;
}

/** A live frame at the bottom of a terminal. */
export interface Screen extends EventConsumer {
  /** Leaves the frame where it is and begins a new one below: somebody else wrote to the terminal. */
  restart(): void;
  /** Prints lines that stay, above the frame. */
  print(lines: readonly string[]): void;
  close(): Promise<void>;
}

/** Moves to the first line of a frame. After a resize the terminal has re-wrapped it, so rows are counted anew. */
function toTopOf(painted: readonly string[], columns: number): string {
  const rows = painted.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)), 0);
  return rows === 0 ? '\r' : `\r\u001b[${rows}A`;
}

/** A frame that neither wraps nor scrolls: cut to the width, and to the height with a word about what is missing. */
function fitted(frame: readonly string[], rows: number, style: Style): readonly string[] {
  const lines = frame.map((line) => truncate(line, style.columns - 1, style));
  const room = Math.max(1, rows - 1);
  return lines.length <= room ? lines : [...lines.slice(0, room - 1), `(${lines.length - room + 1} more lines)`];
}

/**
 * Repaints one frame in place as events come, each painting with one write. `close` leaves the last frame standing and the
 * cursor visible.
 */
export function createScreen({ stream, wallClock, clock, paint, initial }: ScreenOptions): Screen {
  let view = initial ?? emptyView;
  let painted: readonly string[] = [];
  let paintedAt = Number.NEGATIVE_INFINITY;
  let cancelTimer: (() => void) | undefined;
  let closed = false;

  const frame = (): readonly string[] => {
    const style = stream.style();
    return fitted(paint(view, clock.now(), style), stream.rows, style);
  };
  const draw = (above: readonly string[] = []): void => {
    cancelTimer?.();
    const next = frame();
    const text = [...above, ...next].map((line) => `${line}${CLEAR_LINE_END}\n`).join('');
    stream.write(`${BEGIN}${HIDE_CURSOR}${toTopOf(painted, stream.columns)}${text}${CLEAR_BELOW}${END}`);
    painted = next;
    paintedAt = wallClock.now();
    cancelTimer = closed
      ? undefined
      : wallClock.schedule(TICK_MS, () => {
          draw();
        });
  };
  const request = (): void => {
    if (closed) return;
    const dueIn = paintedAt + FRAME_MS - wallClock.now();
    if (dueIn <= 0) {
      draw();
      return;
    }
    cancelTimer?.();
    cancelTimer = wallClock.schedule(dueIn, () => {
      draw();
    });
  };
  const endResize = stream.onResize(request);

  return {
    name: 'screen',
    consume(event) {
      view = reduce(view, event);
      request();
    },
    restart() {
      painted = [];
    },
    print(lines) {
      if (closed) stream.write(lines.map((line) => `${line}\n`).join(''));
      else draw(lines);
    },
    close() {
      if (closed) return Promise.resolve();
      closed = true;
      endResize();
      draw();
      stream.write(SHOW_CURSOR);
      return Promise.resolve();
    },
  };
}
