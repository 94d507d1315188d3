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
