import { LAYER_IDS, type LayerId } from '../layers/layer.js';
import type { EventOf, EventType, LayerState, WaaEvent } from './catalogue.js';
import type { FaultView, LayerView, TaskView, View, WorkerView } from './view.js';

/** Screens show at most this many recent events and faults; the journal has all. */
const RECENT = 50;

/** Layer events without a worker belong to what all workers share; a deployment of one has only this. */
const DEFAULT_WORKER = 'w0';

type Reducers = { readonly [T in EventType]?: (view: View, event: EventOf<T>) => View };

/** How each kind of event changes the view. Kinds that are not here only appear among the recent ones. */
const reducers: Reducers = {
  'operation.started': (view, event) => {
    const fresh = view.operation?.run !== event.run;
    const { operation, deployment, totalSteps } = event.data;
    const started = {
      operation,
      run: event.run,
      startedAt: event.at,
      totalSteps,
      ...(deployment === undefined ? {} : { deployment }),
    };
    if (!fresh) return { ...view, operation: started };
    const workers = view.workers.map((worker) => restart(worker, event.at));
    return { ...view, operation: started, workers, tasks: [], totalTasks: 0, tasksBefore: 0, checks: [], faults: [] };
  },
  'operation.finished': (view, { data }) =>
    view.operation ? { ...view, operation: { ...view.operation, ok: data.ok, durationMs: data.durationMs } } : view,

  'layer.state': (view, { data, worker, at }) =>
    changeLayer(view, worker, data.layer, (old) => ({
      layer: data.layer,
      state: data.state,
      since: old.state === data.state ? old.since : at,
      ...(data.detail === undefined ? {} : { detail: data.detail }),
    })),
  'layer.progress': (view, { data, worker, at }) =>
    changeLayer(view, worker, data.layer, (old) => ({
      layer: data.layer,
      state: old.state,
      since: old.since,
      detail: data.phase,
      ...(data.percent === undefined ? {} : { percent: Math.min(100, Math.max(0, data.percent)) }),
      ...(data.etaMs === undefined ? {} : { doneAt: at + Math.max(0, data.etaMs) }),
    })),
  'layer.fault': (view, { data, worker, at }) => {
    const fault = { at, layer: data.layer, fault: data.fault, ...(worker === undefined ? {} : { worker }) };
    return { ...view, faults: [...view.faults, fault].slice(-RECENT) };
  },
  // A layer that came through several faults tells one recovery.
  'layer.recovered': (view, { data, worker }) => {
    const isOver = (fault: FaultView): boolean =>
      fault.layer === data.layer && fault.worker === worker && fault.recoveredBy === undefined;
    const faults = view.faults.map((fault) => (isOver(fault) ? { ...fault, recoveredBy: data.action } : fault));
    return { ...view, faults };
  },
  'milestone.reached': (view, { data }) => ({
    ...view,
    milestones: view.milestones.includes(data.milestone) ? view.milestones : [...view.milestones, data.milestone],
  }),
  'retry.waiting': (view, { data, worker, at }) =>
    changeWorker(view, worker, (old) => ({ ...old, waiting: { reason: data.reason, until: at + data.waitMs } })),
  'check.finished': (view, { data }) => ({
    ...view,
    checks: [...view.checks.filter((check) => check.id !== data.id), data],
  }),

  'task.started': (view, { data, worker, at }) => {
    const { task, domain, attempt, total, doneBefore = 0 } = data;
    const started: TaskView = { task, domain, attempt, startedAt: at, ...(worker === undefined ? {} : { worker }) };
    const busy = worker === undefined ? view : changeWorker(view, worker, (old) => ({ ...old, task }));
    const tasks = [...view.tasks.filter((old) => old.task !== task), started];
    return { ...busy, totalTasks: total, tasksBefore: doneBefore, tasks };
  },
  'task.progress': (view, { data }) =>
    changeTask(view, data.task, (old) => ({ ...old, step: data.step, maxSteps: data.maxSteps })),
  'task.finished': (view, { data, worker, at }) => {
    const { task, domain, attempt, state, score, durationMs, reason } = data;
    const known = view.tasks.some((old) => old.task === task);
    const begun: TaskView = {
      task,
      domain,
      attempt,
      startedAt: at - durationMs,
      ...(worker === undefined ? {} : { worker }),
    };
    const withTask = known ? view : { ...view, tasks: [...view.tasks, begun] };
    const done = { attempt, state, score, durationMs, ...(reason === undefined ? {} : { reason }) };
    const finished = changeTask(withTask, task, (old) => ({ ...old, ...done }));
    return { ...finished, workers: finished.workers.map((old) => (old.task === task ? idle(old) : old)) };
  },
  'results.home': (view, { data }) => changeTask(view, data.task, (old) => ({ ...old, home: true })),
  'cost.updated': (view, { data }) => ({ ...view, cost: { usd: data.usd, hourlyUsd: data.hourlyUsd } }),
};

/** Kinds that the view shows elsewhere: as a recent line they would only repeat the layers and the money. */
const told: ReadonlySet<WaaEvent['type']> = new Set(['layer.state', 'layer.progress', 'cost.updated']);

/** The view after one more event. Pure; takes any event at any moment, also one whose beginning was never seen. */
export function reduce(view: View, event: WaaEvent): View {
  const reducer = reducers[event.type] as ((view: View, event: WaaEvent) => View) | undefined;
  const changed = reducer ? reducer(view, event) : view;
  const { at, level, text, worker } = event;
  const line = { at, level, text, ...(worker === undefined ? {} : { worker }) };
  const silent = level === 'debug' || told.has(event.type);
  return {
    ...changed,
    at: Math.max(view.at, at),
    recent: silent ? changed.recent : [...changed.recent, line].slice(-RECENT),
  };
}

const atWork: ReadonlySet<LayerState> = new Set(['checking', 'provisioning', 'verifying', 'recovering']);

/** True while something is being done to a layer in this state. */
export function isAtWork(state: LayerState): boolean {
  return atWork.has(state);
}

/** A new invocation begins: what an earlier one was doing when it ended is nobody's work any more. */
function restart(worker: WorkerView, at: number): WorkerView {
  const layers = worker.layers.map((layer): LayerView =>
    isAtWork(layer.state) ? { layer: layer.layer, state: 'pending', since: at } : layer,
  );
  return { worker: worker.worker, layers };
}

function idle(worker: WorkerView): WorkerView {
  const { task: _, ...rest } = worker;
  return rest;
}

function changeLayer(view: View, name: string | undefined, id: LayerId, change: (old: LayerView) => LayerView): View {
  return changeWorker(view, name, ({ waiting: _, ...worker }) => ({
    ...worker,
    layers: worker.layers.map((layer) => (layer.layer === id ? change(layer) : layer)),
  }));
}

function changeWorker(view: View, name = DEFAULT_WORKER, change: (old: WorkerView) => WorkerView): View {
  if (view.workers.some((worker) => worker.worker === name)) {
    return { ...view, workers: view.workers.map((worker) => (worker.worker === name ? change(worker) : worker)) };
  }
  const layers = LAYER_IDS.map((layer): LayerView => ({ layer, state: 'pending', since: view.at }));
  const workers = [...view.workers, change({ worker: name, layers })];
  return { ...view, workers: workers.sort((a, b) => a.worker.localeCompare(b.worker, 'en', { numeric: true })) };
}

function changeTask(view: View, task: string, change: (old: TaskView) => TaskView): View {
  return { ...view, tasks: view.tasks.map((old) => (old.task === task ? change(old) : old)) };
}
