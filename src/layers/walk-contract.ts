import type { Clock } from '../clock/clock.js';
import type { Emit } from '../events/bus.js';
import type { LayerState } from '../events/catalogue.js';
import type { Deadline } from '../health/deadline.js';
import type { Breaker } from '../retry/breaker.js';
import type { Retrier } from '../retry/retry.js';
import type { AnyLayer, LayerId, LayerMemory, LayerStatus, Milestone } from './layer.js';

/** What the walk writes down as it goes. Every promise resolves when the note is durable. */
export interface WalkMemory {
  layer(id: LayerId): LayerMemory;
  /** A layer was seen ready. */
  ready(
    id: LayerId,
    record: { readonly identity: string; readonly output: unknown; readonly at: number },
  ): Promise<void>;
  reached(milestone: Milestone): Promise<void>;
}

export interface WalkOptions {
  /** Bottom first. */
  readonly layers: readonly AnyLayer[];
  /** Input of the lowest layer. */
  readonly input: unknown;
  readonly worker: string;
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly emit: Emit;
  readonly retry: Retrier;
  readonly memory: WalkMemory;
  /** One breaker a layer, kept by the caller over many walks: three walks that failed at a layer open it. */
  readonly breaker: (id: LayerId) => Breaker;
}

/** One layer as the walk last saw it. */
export interface LayerReport {
  readonly id: LayerId;
  readonly state: LayerState;
  readonly status?: LayerStatus<unknown>;
}

/** What a walk found. `output` is the top layer's when all are ready. */
export interface WalkResult {
  readonly ready: boolean;
  readonly layers: readonly LayerReport[];
  readonly output: unknown;
}
