import type { LayerView, View, WorkerView } from '../../events/view.js';
import { isAtWork } from '../../events/reducer.js';
import { paintProgress } from './bar.js';
import { inColourOf, mark } from './marks.js';
import type { Style } from './style.js';
import { oneLine, pad, truncate } from './text.js';
import { formatDuration } from './units.js';

const STATE_WIDTH = 12;
const NAME_WIDTH = 7;
const BAR_WIDTH = 8;

/** The layers of every worker: a line a layer for one worker, a line a worker (and one for what it does) for many. */
export function paintLayers(view: View, now: number, style: Style): readonly string[] {
  const [only, ...others] = view.workers;
  if (only && others.length === 0) return only.layers.map((layer) => layerLine(layer, now, style));
  const nameWidth = Math.max(0, ...view.workers.map((worker) => worker.worker.length));
  return view.workers.flatMap((worker) => workerLines(worker, nameWidth, now, style));
}

/** ` ✔ windows  ready        desktop shown` */
function layerLine(layer: LayerView, now: number, style: Style): string {
  const state = inColourOf(layer.state, pad(layer.state, STATE_WIDTH), style);
  const line = ` ${mark(layer.state, style)} ${pad(layer.layer, NAME_WIDTH)}  ${state} ${about(layer, now, style)}`;
  return truncate(line.trimEnd(), style.columns, style);
}

/** Progress first, so that a long phase text is what gets cut. */
function about(layer: LayerView, now: number, style: Style): string {
  const detail = oneLine(layer.detail ?? '');
  if (!isAtWork(layer.state)) return detail;
  const etaMs = layer.doneAt === undefined ? undefined : Math.max(0, layer.doneAt - now);
  const known = layer.percent !== undefined || etaMs !== undefined;
  const progress = known ? paintProgress(layer.percent, etaMs, BAR_WIDTH, style) : formatDuration(now - layer.since);
  return `${progress}  ${detail}`;
}

function workerLines(worker: WorkerView, nameWidth: number, now: number, style: Style): readonly string[] {
  const row = worker.layers.map((layer) => `${mark(layer.state, style)}${layer.layer}`).join(' ');
  const lines = [truncate(`${style.colour.bold(pad(worker.worker, nameWidth))}  ${row}`, style.columns, style)];
  const active = worker.layers.findLast((layer) => isAtWork(layer.state) || layer.state === 'failed');
  const margin = ' '.repeat(nameWidth + 2);
  if (active) {
    const text = `${margin}${active.layer} ${inColourOf(active.state, active.state, style)} ${about(active, now, style)}`;
    lines.push(truncate(text.trimEnd(), style.columns, style));
  }
  return lines;
}
