import type { LayerId } from '../layers/layer.js';
import type { EventData, LayerState, Level, TaskState } from './catalogue.js';

/** What is known of one layer of one worker. */
export interface LayerView {
  readonly layer: LayerId;
  readonly state: LayerState;
  /** Epoch ms at which it came into this state. */
  readonly since: number;
  readonly detail?: string;
  /** 0..100 */
  readonly percent?: number;
  /** Epoch ms at which it is expected to be done. */
  readonly doneAt?: number;
}

/** A back-off under way. */
export interface WaitingView {
  readonly reason: string;
  readonly until: number;
}

export interface WorkerView {
  readonly worker: string;
  /** All seven, bottom first. */
  readonly layers: readonly LayerView[];
  /** Id of the task it works on. */
  readonly task?: string;
  readonly waiting?: WaitingView;
}

/** The latest attempt of a task. */
export interface TaskView {
  readonly task: string;
  readonly domain: string;
  readonly worker?: string;
  readonly attempt: number;
  readonly startedAt: number;
  readonly step?: number;
  readonly maxSteps?: number;
  /** Absent while it runs. */
  readonly state?: TaskState;
  readonly score?: number | null;
  readonly durationMs?: number;
  readonly reason?: string;
  /** Its results are on this machine. */
  readonly home?: boolean;
}

export interface OperationView {
  readonly operation: string;
  readonly deployment?: string;
  readonly run: string;
  readonly startedAt: number;
  /** As announced; a run counts tasks, everything else layers made ready. */
  readonly totalSteps: number;
  readonly ok?: boolean;
  readonly durationMs?: number;
}

export type FaultReport = EventData<'layer.fault'>['fault'];

export interface FaultView {
  readonly at: number;
  readonly worker?: string;
  readonly layer: LayerId;
  readonly fault: FaultReport;
  /** What repaired it, once something did. */
  readonly recoveredBy?: string;
}

export interface RecentView {
  readonly at: number;
  readonly level: Level;
  readonly worker?: string;
  readonly text: string;
}

export interface CheckView {
  readonly id: string;
  readonly outcome: string;
  readonly detail: string;
}

/** Everything a screen shows, as plain JSON data. */
export interface View {
  readonly operation?: OperationView;
  /** Sorted by name, numbers by value: w2 before w10. */
  readonly workers: readonly WorkerView[];
  /** In the order they began. */
  readonly tasks: readonly TaskView[];
  /** Tasks of the run in all, as announced. */
  readonly totalTasks: number;
  /** Of them, done by earlier invocations: nothing else is known of those. */
  readonly tasksBefore: number;
  readonly checks: readonly CheckView[];
  readonly milestones: readonly string[];
  readonly faults: readonly FaultView[];
  /** The last 50, debug left out, newest last. */
  readonly recent: readonly RecentView[];
  readonly cost?: { readonly usd: number; readonly hourlyUsd: number };
  /** Epoch ms of the last event; 0 before the first. */
  readonly at: number;
}

/** A view before the first event. */
export const emptyView: View = {
  workers: [],
  tasks: [],
  totalTasks: 0,
  tasksBefore: 0,
  checks: [],
  milestones: [],
  faults: [],
  recent: [],
  at: 0,
};
