import type { OperationMemory } from '../azure/run-operation.js';
import type { Clock } from '../clock/clock.js';
import type { Emit } from '../events/bus.js';
import type { Evidence, WaaError } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { Retrier } from '../retry/retry.js';

/** The seven layers, bottom first. */
export const LAYER_IDS = ['azure', 'vm', 'docker', 'qemu', 'windows', 'server', 'client'] as const;
export type LayerId = (typeof LAYER_IDS)[number];

/** Milestones of a set-up, in the words of the requirements (C). */
export const MILESTONES = ['vm_created', 'docker_installed', 'image_built', 'windows_installed', 'waa_ready'] as const;
export type Milestone = (typeof MILESTONES)[number];

/** How far work in progress has come, always with the last thing seen. */
export interface Progress {
  /** What is going on now, e.g. `downloading Windows (41 %)`. */
  readonly phase: string;
  /** 0..100 when it can be known. */
  readonly percent?: number;
  /** Milliseconds left, when it can be known. */
  readonly etaMs?: number;
}

/**
 * What `check` saw. `unknown` means it could not look: that is neither healthy nor broken.
 *
 *   absent ──provision──> in-progress ──> ready
 *   drifted ─provision──> ready          unhealthy ──recover──> ready
 */
export type LayerStatus<O> =
  | { readonly state: 'ready'; readonly output: O; readonly identity: string; readonly detail?: string }
  | { readonly state: 'absent'; readonly detail?: string }
  | { readonly state: 'drifted'; readonly differences: readonly string[] }
  | { readonly state: 'in-progress'; readonly progress: Progress }
  | { readonly state: 'unhealthy'; readonly fault: WaaError }
  | { readonly state: 'unknown'; readonly fault: WaaError };

/** The fault that a status proves; undefined for none. Raises what kept the layer from looking. */
export function provenFault(status: LayerStatus<unknown>): WaaError | undefined {
  if (status.state === 'unknown') throw status.fault;
  return status.state === 'unhealthy' ? status.fault : undefined;
}

/**
 * What one rung of the recovery ladder did; to wait is an action, too. `rungs`: how many it stands for, where those before
 * it could not be climbed; default 1. `restarted`: the lower layer that it made start anew, from which the walk goes on.
 * `nothing-to-do`: the fault is not this layer's to mend, and no rung is used up. `reason` of giving up: only where it says
 * more than the fault and the rungs before, which are told anyway.
 */
export type Recovery =
  | { readonly outcome: 'acted'; readonly action: string; readonly rungs?: number; readonly restarted?: LayerId }
  | { readonly outcome: 'nothing-to-do' }
  | { readonly outcome: 'give-up'; readonly reason?: string };

/** Budgets of a layer, in milliseconds. */
export interface LayerTimeouts {
  readonly checkMs: number;
  readonly provisionMs: number;
  readonly recoverMs: number;
}

/** What a layer may remember between invocations. A hint, never proof. */
export interface LayerMemory extends OperationMemory {
  /** The identity under which this layer was last seen ready. */
  readyAs?(): string | undefined;
}

/** What every layer is given. The deadline is the layer's own step; it ends early on Ctrl-C. */
export interface LayerContext {
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly emit: Emit;
  readonly retry: Retrier;
  readonly memory: LayerMemory;
  /** The worker the layer belongs to, e.g. `w0`. */
  readonly worker: string;
  /**
   * In `recover`: how many rungs of its ladder were climbed against this fault before, which selects the next. In other
   * steps: how many this layer climbed in this walk.
   */
  readonly recoveryAttempt: number;
  /** Tells the live view how far a long step is. Cheap; call it at each observation. */
  report(progress: Progress): void;
}

/**
 * One layer of the stack. `I` is what the layer below hands up, `O` what this one adds for the layer above.
 * Only `check` may say ready; whoever calls `provision` or `recover` calls `check` again.
 */
export interface Layer<I, O> {
  readonly id: LayerId;
  /** Reached when this layer is ready. */
  readonly milestones: readonly Milestone[];
  readonly timeouts: LayerTimeouts;
  /** Read-only and bounded. Never throws for something absent or broken: that is its answer. */
  check(ctx: LayerContext, input: I): Promise<LayerStatus<O>>;
  /** Idempotent and resumable; continues what is in progress instead of beginning again. Throws a WaaError. */
  provision(ctx: LayerContext, input: I, seen: LayerStatus<O>): Promise<void>;
  /** One rung of a bounded ladder, chosen by the fault and `ctx.recoveryAttempt`. */
  recover(ctx: LayerContext, input: I, fault: WaaError): Promise<Recovery>;
  /**
   * A look while a task runs: what is broken, or undefined. Unlike `check` it asks for no more than a task in progress
   * leaves as it is, and does not see it. Raises what kept it from looking.
   */
  watch?(ctx: LayerContext, input: I): Promise<WaaError | undefined>;
  /** What to keep for diagnosis when this layer failed. Best effort, bounded, never throws. */
  evidence?(ctx: LayerContext, input: I): Promise<readonly Evidence[]>;
}

/** A layer whose types were erased: the walk hands each layer's output up without looking into it. */
export type AnyLayer = Layer<unknown, unknown>;
