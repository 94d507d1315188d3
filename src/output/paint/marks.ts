import type { LayerState, TaskState } from '../../events/catalogue.js';
import type { Paint, Style } from './style.js';

interface Mark {
  readonly unicode: string;
  readonly ascii: string;
  readonly paint: (style: Style) => Paint;
}

const good = (style: Style): Paint => style.colour.green;
const bad = (style: Style): Paint => style.colour.red;
const busy = (style: Style): Paint => style.colour.cyan;
const warn = (style: Style): Paint => style.colour.yellow;
const quiet = (style: Style): Paint => style.colour.grey;

/** Every mark differs in shape, so that it can be read without colour (andon: green, yellow, red). */
const marks = {
  pending: { unicode: '·', ascii: '.', paint: quiet },
  checking: { unicode: '?', ascii: '?', paint: busy },
  provisioning: { unicode: '▶', ascii: '>', paint: busy },
  verifying: { unicode: '?', ascii: '?', paint: busy },
  recovering: { unicode: '↻', ascii: '~', paint: warn },
  ready: { unicode: '✔', ascii: '+', paint: good },
  failed: { unicode: '✖', ascii: 'x', paint: bad },
  blocked: { unicode: '-', ascii: '-', paint: quiet },

  scored: { unicode: '✔', ascii: '+', paint: good },
  agent_error: { unicode: '✖', ascii: 'x', paint: bad },
  infra_error: { unicode: '!', ascii: '!', paint: warn },
  eval_error: { unicode: '!', ascii: '!', paint: warn },
  timeout: { unicode: '◷', ascii: 't', paint: warn },
  cancelled: { unicode: '■', ascii: '#', paint: warn },

  pass: { unicode: '✔', ascii: '+', paint: good },
  problem: { unicode: '✖', ascii: 'x', paint: bad },
  warning: { unicode: '!', ascii: '!', paint: warn },
  'could-not-run': { unicode: '?', ascii: '?', paint: warn },
  skipped: { unicode: '-', ascii: '-', paint: quiet },
} as const satisfies Record<
  LayerState | TaskState | 'pass' | 'problem' | 'warning' | 'could-not-run' | 'skipped',
  Mark
>;

export type MarkName = keyof typeof marks;

/** One character, coloured, for a state. */
export function mark(name: MarkName, style: Style): string {
  const { unicode, ascii, paint } = marks[name];
  return paint(style)(style.unicode ? unicode : ascii);
}

/** A word in the colour of its mark. */
export function inColourOf(name: MarkName, text: string, style: Style): string {
  return marks[name].paint(style)(text);
}
