import type { EventOf, WaaEvent } from './catalogue.js';
import { linked, type Draft, type Span, type SpanKind } from './spans.js';

export interface Timeline {
  readonly operation: string;
  readonly run: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** False when the operation was killed or goes on. */
  readonly isOver: boolean;
  /** By their beginning. */
  readonly spans: readonly Span[];
}

/** The last operation in the events that is one of these, or any; undefined when there is none. Pure. */
export function timelineOf(events: readonly WaaEvent[], operations?: readonly string[]): Timeline | undefined {
  const begun = events.findLast(
    (event): event is EventOf<'operation.started'> =>
      event.type === 'operation.started' && (operations?.includes(event.data.operation) ?? true),
  );
  if (!begun) return undefined;
  const own = events.filter((event) => event.run === begun.run && event.at >= begun.at);
  const finished = own.find((event) => event.type === 'operation.finished' && event.seq > begun.seq);
  const toMs = finished?.at ?? own.at(-1)?.at ?? begun.at;
  const inside = own.filter((event) => event.at <= toMs);
  const drafts = [...armSpans(inside, toMs), ...layerSpans(inside, toMs), ...taskSpans(inside, toMs)];
  drafts.sort((a, b) => a.fromMs - b.fromMs || b.toMs - a.toMs);
  const { operation } = begun.data;
  return { operation, run: begun.run, fromMs: begun.at, toMs, isOver: finished !== undefined, spans: linked(drafts) };
}

const KIND_OF_STATE: Readonly<Record<string, SpanKind>> = {
  checking: 'proof',
  verifying: 'proof',
  provisioning: 'work',
  recovering: 'repair',
};

/** Each layer's states, work divided by its phases: `checking`, `creating VM`, `first boot`, ... */
function layerSpans(events: readonly WaaEvent[], endMs: number): readonly Draft[] {
  const drafts: Draft[] = [];
  const open = new Map<string, Draft>();
  const close = (worker: string, atMs: number): void => {
    const draft = open.get(worker);
    open.delete(worker);
    if (draft && atMs > draft.fromMs) drafts.push({ ...draft, toMs: atMs });
  };
  for (const event of events) {
    const { worker = '', at } = event;
    if (event.type === 'layer.state') {
      const { layer, state } = event.data;
      const kind = KIND_OF_STATE[state];
      const before = open.get(worker);
      if (before?.lane === layer && before.kind === kind) continue;
      close(worker, at);
      if (kind) open.set(worker, { worker, lane: layer, name: `${layer} ${state}`, kind, fromMs: at, toMs: at });
    }
    if (event.type === 'layer.progress') {
      const before = open.get(worker);
      if (before?.kind !== 'work' || before.lane !== event.data.layer) continue;
      const name = phaseName(event.data.phase);
      if (name === before.name) continue;
      close(worker, at);
      open.set(worker, returned(drafts, { ...before, name, fromMs: at, toMs: at }));
    }
    if (event.type === 'retry.waiting') {
      const toMs = Math.min(at + event.data.waitMs, endMs);
      drafts.push({ worker, lane: 'retry', name: `back-off: ${event.data.reason}`, kind: 'wait', fromMs: at, toMs });
    }
  }
  for (const worker of [...open.keys()]) close(worker, endMs);
  return drafts;
}

/** A phase that comes back never ended: what was between is part of it. Only within one stretch of work of a layer. */
function returned(drafts: Draft[], phase: Draft): Draft {
  const same = (one: Draft): boolean => one.worker === phase.worker && one.lane === phase.lane && one.kind === 'work';
  const stretch = drafts.findLastIndex((one) => one.worker === phase.worker && !same(one)) + 1;
  const first = drafts.findIndex((one, at) => at >= stretch && same(one) && one.name === phase.name);
  return first < 0 ? phase : { ...phase, fromMs: drafts.splice(first)[0]?.fromMs ?? phase.fromMs };
}

/** The same phase with other numbers is the same phase; what follows a colon is what was seen in it. */
function phaseName(phase: string): string {
  return phase
    .replace(/: .*$/, '')
    .replace(/,? \d+ of \d+.*$/, '')
    .replace(/\s*\(.*\)$/, '')
    .replace(/\s*\d+ ?%/, '')
    .trim();
}

/** Long operations of Azure: told by the client, and again by the layer that has them done, which is left out. */
function armSpans(events: readonly WaaEvent[], endMs: number): readonly Draft[] {
  const drafts: Draft[] = [];
  const open = new Map<string, number>();
  for (const event of events) {
    if (event.type !== 'arm.operation') continue;
    const { name, state } = event.data;
    if (state === 'started' || state === 'resumed') {
      if (!open.has(name)) open.set(name, event.at);
      continue;
    }
    const fromMs = open.get(name);
    if (fromMs === undefined) continue;
    open.delete(name);
    drafts.push({ worker: workerIn(name), lane: 'arm', name, kind: 'work', fromMs, toMs: event.at });
  }
  for (const [name, fromMs] of open)
    drafts.push({ worker: workerIn(name), lane: 'arm', name, kind: 'work', fromMs, toMs: endMs });
  return drafts;
}

const workerIn = (name: string): string => /-(w\d+)(?:-|$)/.exec(name)?.[1] ?? '';

function taskSpans(events: readonly WaaEvent[], endMs: number): readonly Draft[] {
  const open = new Map<string, Draft>();
  const drafts: Draft[] = [];
  for (const event of events) {
    if (event.type !== 'task.started' && event.type !== 'task.finished') continue;
    const { worker = '', at } = event;
    const { task, attempt } = event.data;
    const key = `${worker} ${task} ${attempt}`;
    if (event.type === 'task.started') {
      open.set(key, { worker, lane: 'task', name: task, kind: 'work', fromMs: at, toMs: endMs });
      continue;
    }
    const kind = event.data.state === 'infra_error' ? 'repair' : 'work';
    const begun = open.get(key);
    open.delete(key);
    drafts.push({
      worker,
      lane: 'task',
      name: task,
      kind,
      fromMs: begun?.fromMs ?? at - event.data.durationMs,
      toMs: at,
    });
  }
  return [...drafts, ...open.values()];
}
