import type { WaaEvent } from '../../events/catalogue.js';
import type { WorkerMark } from './html/sections.js';

/** Faults and repairs of workers, from the events of a run, for its timeline. Pure. */
export function workerMarks(events: readonly WaaEvent[]): readonly WorkerMark[] {
  return events.flatMap((event): WorkerMark[] => {
    const { worker, at } = event;
    if (worker === undefined) return [];
    if (event.type === 'layer.fault')
      return [{ worker, from: at, to: at, text: `${event.data.layer}: ${event.data.fault.symptom}` }];
    if (event.type !== 'layer.recovered') return [];
    const { layer, action, durationMs } = event.data;
    return [{ worker, from: at - durationMs, to: at, text: `${layer} repaired: ${action}` }];
  });
}
