import fc from 'fast-check';
import type { EventData, EventType, Level, WaaEvent } from '../../src/events/catalogue.js';
import { LEVELS, layerState } from '../../src/events/catalogue.js';
import { reduce } from '../../src/events/reducer.js';
import { emptyView, type View } from '../../src/events/view.js';
import { fail } from '../../src/failures/waa-error.js';
import { LAYER_IDS } from '../../src/layers/layer.js';

export const START = Date.UTC(2026, 0, 1);
const plain = (value: object): object => JSON.parse(JSON.stringify(value)) as object;
export const fault = plain(
  fail('USAGE', { problem: 'broken', hint: 'mend it' }).report(),
) as EventData<'layer.fault'>['fault'];

interface Extra {
  readonly at?: number;
  readonly level?: Level;
  readonly worker?: string;
  readonly run?: string;
  readonly text?: string;
}

/** One event of the catalogue, with an envelope. */
export function event<T extends EventType>(type: T, data: EventData<T>, extra: Extra = {}): WaaEvent {
  return { v: 1, seq: 1, at: START, run: 'r1', level: 'info', text: type, ...extra, type, data } as unknown as WaaEvent;
}

export function fold(events: readonly WaaEvent[], from: View = emptyView): View {
  return events.reduce(reduce, from);
}

const layer = fc.constantFrom(...LAYER_IDS);
const task = fc.constantFrom('t1', 't2', 't3');
const number = fc.integer({ min: -10, max: 1_000_000 });

const anyData: { readonly [T in EventType]: fc.Arbitrary<EventData<T>> } = {
  'operation.started': fc.record({ operation: fc.string(), totalSteps: number }),
  'operation.finished': fc.record({ operation: fc.string(), ok: fc.boolean(), durationMs: number }),
  'layer.state': fc.record({ layer, state: fc.constantFrom(...layerState.options) }),
  'layer.progress': fc.record({ layer, phase: fc.string(), percent: number, etaMs: number }),
  'layer.fault': fc.record({ layer, fault: fc.constant(fault) }),
  'layer.recovered': fc.record({ layer, action: fc.string(), durationMs: number }),
  'milestone.reached': fc.record({ milestone: fc.constantFrom('vm_created', 'waa_ready') }),
  'retry.waiting': fc.record({ policy: fc.string(), attempt: number, waitMs: number, reason: fc.string() }),
  'breaker.changed': fc.record({ name: fc.string(), state: fc.constantFrom('closed', 'open', 'half-open') }),
  'arm.request': fc.record({ method: fc.string(), path: fc.string(), status: number, durationMs: number }),
  'arm.operation': fc.record({
    name: fc.string(),
    state: fc.constantFrom('started', 'resumed', 'succeeded', 'failed'),
  }),
  'check.finished': fc.record({ id: fc.constantFrom('a', 'b'), outcome: fc.constant('pass'), detail: fc.string() }),
  'task.started': fc.record({ task, domain: fc.string(), attempt: number, index: number, total: number }),
  'task.reset': fc.record({ task, mode: fc.constant('guest'), durationMs: number }),
  'task.progress': fc.record({ task, step: number, maxSteps: number }),
  'task.finished': fc.record({
    task,
    domain: fc.string(),
    attempt: number,
    state: fc.constantFrom('scored', 'agent_error', 'infra_error', 'eval_error', 'timeout', 'cancelled'),
    score: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    durationMs: number,
  }),
  'results.home': fc.record({ task, attempt: number, files: number, bytes: number }),
  'resource.deleted': fc.record({ kind: fc.string(), name: fc.string() }),
  'cost.updated': fc.record({ usd: number, hourlyUsd: number }),
  log: fc.record({ component: fc.string() }),
};

/** Any event, from any worker, in any run: also those that make no sense. */
export const anyEvent: fc.Arbitrary<WaaEvent> = fc
  .constantFrom(...(Object.keys(anyData) as EventType[]))
  .chain((type) =>
    fc
      .tuple(
        anyData[type] as fc.Arbitrary<EventData<EventType>>,
        fc.record(
          {
            at: fc.integer({ min: START, max: START + 10_000_000 }),
            level: fc.constantFrom(...LEVELS),
            worker: fc.constantFrom('w0', 'w1', 'w2', 'w10'),
            run: fc.constantFrom('r1', 'r2'),
            text: fc.string(),
          },
          { requiredKeys: ['at', 'level', 'run', 'text'] },
        ),
      )
      .map(([data, extra]) => event(type, data, extra)),
  );
