import type { WaaEvent } from '../../events/catalogue.js';
import { csv } from './csv.js';

/** What is worth a line of the timeline; logs, waits and progress are not. */
const SHOWN: ReadonlySet<WaaEvent['type']> = new Set([
  'operation.started',
  'operation.finished',
  'layer.state',
  'layer.fault',
  'layer.recovered',
  'task.started',
  'task.finished',
  'results.home',
]);

/** `diagnostics/timeline.csv`: what happened when on which worker, a line an event. Pure. */
export function timelineCsv(events: readonly WaaEvent[]): string {
  const rows = events
    .filter((event) => SHOWN.has(event.type))
    .map((event) => [new Date(event.at).toISOString(), event.worker ?? '', event.type, event.level, event.text]);
  return csv([['at', 'worker', 'event', 'level', 'text'], ...rows]);
}

export interface HealthCheck {
  readonly at: string;
  readonly worker: string;
  readonly layer: string;
  readonly state: string;
  readonly detail?: string;
}

/** `diagnostics/health_checks.json`: every verdict on a layer of a worker during the run, oldest first. Pure. */
export function healthChecks(events: readonly WaaEvent[]): readonly HealthCheck[] {
  return events.flatMap((event): HealthCheck[] => {
    if (event.type !== 'layer.state') return [];
    const { layer, state, detail } = event.data;
    const base = { at: new Date(event.at).toISOString(), worker: event.worker ?? '', layer, state };
    return [detail === undefined ? base : { ...base, detail }];
  });
}

/** Of a task or its results, not of the workers' way up. */
const OF_THE_RUN = /^(task|results)\./;

/**
 * `diagnostics/setup.log`: how the workers of a run came up, as the deployment's journal tells it: a line an event, with
 * time, level, worker and layer. Pure.
 */
export function setupLog(events: readonly WaaEvent[]): string {
  return events
    .filter((event) => event.level !== 'debug' && !OF_THE_RUN.test(event.type))
    .map((event) => {
      const layer = 'layer' in event.data && typeof event.data.layer === 'string' ? event.data.layer : undefined;
      const where = [event.worker, layer].filter((part) => part !== undefined).join(' ');
      const head = `${new Date(event.at).toISOString()} ${event.level.padEnd(5)}`;
      return `${head} ${where === '' ? '' : `${where}: `}${event.text}\n`;
    })
    .join('');
}
