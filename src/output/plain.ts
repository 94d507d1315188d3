import type { EventConsumer } from '../events/bus.js';
import type { EventOf, WaaEvent } from '../events/catalogue.js';
import { paintFailure } from './paint/failure.js';
import { inColourOf, mark } from './paint/marks.js';
import type { Style } from './paint/style.js';
import { oneLine, truncate } from './paint/text.js';
import { formatClock, formatEta, formatPercent } from './paint/units.js';
import type { TextStream } from './streams.js';

export interface PlainOptions {
  readonly stream: TextStream;
  /** Also prints debug events. */
  readonly verbose?: boolean;
  /** Makes the fix steps of a fault ones that can be pasted. */
  readonly asTyped?: (fault: LayerFault) => LayerFault;
}

type LayerFault = EventOf<'layer.fault'>['data']['fault'];

/** Progress of one layer is told at most this often, in the events' own time, unless it enters another phase. */
const PROGRESS_EVERY_MS = 30_000;

/** Kinds that say nothing to a person reading along. */
const silent: ReadonlySet<WaaEvent['type']> = new Set(['cost.updated', 'arm.request', 'task.progress', 'results.home']);

/**
 * Prints events as lines, for pipes, CI logs and dumb terminals: nothing is repainted, a repeated line is printed once,
 * progress at most every 30 s a layer or when the phase changes.
 */
export function createPlainPrinter({
  stream,
  verbose = false,
  asTyped = (fault) => fault,
}: PlainOptions): EventConsumer {
  const lastLine = new Map<string, string>();
  const lastProgress = new Map<string, number>();

  const progressIsNews = (event: EventOf<'layer.progress'>): boolean => {
    // By phase, numbers left out: steps that alternate are told once each, not at every turn.
    const key = `${event.worker ?? ''}/${event.data.layer}/${event.data.phase.replace(/[\d.,]+/g, '#')}`;
    const before = lastProgress.get(key);
    if (before !== undefined && event.at - before < PROGRESS_EVERY_MS) return false;
    lastProgress.set(key, event.at);
    return true;
  };
  const isNews = (event: WaaEvent): boolean => {
    if (event.type === 'layer.progress') return progressIsNews(event);
    if (!verbose && (event.level === 'debug' || silent.has(event.type))) return false;
    const layer = 'layer' in event.data ? event.data.layer : '';
    const key = JSON.stringify([event.worker, event.type, layer]);
    const body = JSON.stringify([event.text, event.level]);
    if (lastLine.get(key) === body) return false;
    lastLine.set(key, body);
    return true;
  };
  return {
    name: 'plain',
    consume(event) {
      if (!isNews(event)) return;
      const lines = paintEvent(event, stream.style(), asTyped);
      stream.write(lines.map((line) => `${line}\n`).join(''));
    },
  };
}

/** One event as it stands in a log read by people; a fault takes several lines. */
export function paintEvent(
  event: WaaEvent,
  style: Style,
  asTyped: Required<PlainOptions>['asTyped'],
): readonly string[] {
  const who = event.worker === undefined ? '' : `${event.worker} `;
  const front = `${style.colour.grey(formatClock(event.at))} ${who}`;
  if (event.type === 'layer.fault')
    return [`${front}${event.data.layer} failed`, ...paintFailure(asTyped(event.data.fault), style)];
  return [truncate(`${front}${bodyOf(event, style)}`, style.columns, style)];
}

function bodyOf(event: WaaEvent, style: Style): string {
  const text = oneLine(event.text);
  switch (event.type) {
    case 'layer.state': {
      const { layer, state, detail } = event.data;
      const about = detail === undefined ? '' : `  ${oneLine(detail)}`;
      return `${mark(state, style)} ${layer} ${inColourOf(state, state, style)}${about}`;
    }
    case 'layer.progress': {
      const { layer, phase, percent, etaMs } = event.data;
      const numbers = [
        ...(percent === undefined ? [] : [formatPercent(percent)]),
        ...(etaMs === undefined ? [] : [`ETA ${formatEta(etaMs)}`]),
      ];
      return `${mark('provisioning', style)} ${layer} ${[...numbers, oneLine(phase)].join('  ')}`;
    }
    case 'task.finished':
      return `${mark(event.data.state, style)} ${text}`;
    default:
      if (event.level === 'error') return style.colour.red(`error: ${text}`);
      return event.level === 'warn' ? style.colour.yellow(`warning: ${text}`) : text;
  }
}
