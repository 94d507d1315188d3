import { counted } from '../counted.js';
import { isAtWork } from './reducer.js';
import type { LayerView, View } from './view.js';

/** How far an operation is, in the numbers of the status file (requirement O4). */
export interface OperationProgress {
  readonly step: number;
  readonly totalSteps: number;
  /** 0..100, never falls short of what is done. */
  readonly percent: number;
  /** What is going on, e.g. `windows: downloading Windows`. */
  readonly phase: string;
  readonly elapsedMs: number;
  /** Undefined while nothing is known. */
  readonly etaMs?: number;
}

/** Derives how far the view's operation is at `now` (epoch ms). Undefined before an operation began. */
export function progressOf(view: View, now: number): OperationProgress | undefined {
  const { operation } = view;
  if (!operation) return undefined;
  const layers = view.workers.flatMap((worker) => worker.layers);
  const active = layers.filter((layer) => isAtWork(layer.state));
  const byTask = view.totalTasks > 0;
  const doneNow = byTask
    ? view.tasks.filter((task) => task.state !== undefined).length
    : layers.filter((layer) => layer.state === 'ready').length;
  const done = doneNow + (byTask ? view.tasksBefore : 0);
  const totalSteps = Math.max(byTask ? view.totalTasks : operation.totalSteps, 1);
  const under = byTask ? 0 : active.reduce((sum, layer) => sum + (layer.percent ?? 0) / 100, 0);
  const share = operation.ok === true ? 1 : Math.min(1, (done + under) / totalSteps);
  const elapsedMs = operation.durationMs ?? Math.max(0, now - operation.startedAt);
  const left = { done: doneNow, open: Math.max(0, totalSteps - done) };
  const etaMs = operation.ok === undefined ? etaOf(active, byTask ? left : undefined, elapsedMs, now) : 0;
  return {
    step: operation.ok === true ? totalSteps : Math.min(totalSteps, done + (operation.ok === undefined ? 1 : 0)),
    totalSteps,
    percent: Math.round(share * 100),
    phase: phaseOf(view, active),
    elapsedMs,
    ...(etaMs === undefined ? {} : { etaMs }),
  };
}

/** Tasks are alike, so the pace of this invocation tells; layers are not, so only what they themselves announced counts. */
function etaOf(
  active: readonly LayerView[],
  tasks: { readonly done: number; readonly open: number } | undefined,
  elapsedMs: number,
  now: number,
): number | undefined {
  if (tasks) return tasks.done > 0 ? Math.round((elapsedMs / tasks.done) * tasks.open) : undefined;
  const ends = active.flatMap((layer) => (layer.doneAt === undefined ? [] : [layer.doneAt]));
  return ends.length === 0 ? undefined : Math.max(0, Math.max(...ends) - now);
}

function phaseOf(view: View, active: readonly LayerView[]): string {
  if (view.operation?.ok === true) return 'done';
  if (view.operation?.ok === false) return 'failed';
  const layer = active.at(-1);
  if (layer) return `${layer.layer}: ${layer.detail ?? layer.state}`;
  const running = view.tasks.filter((task) => task.state === undefined).length;
  if (running > 0) return `${counted(running, 'task')} running`;
  return view.operation?.operation ?? '';
}
