import { forWorker } from '../events/bus.js';
import { asWaaError, fail, type Evidence, type WaaError } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import { codePrefix, progressText } from './layer-words.js';
import type { AnyLayer, LayerContext, LayerId, LayerStatus, Recovery } from './layer.js';
import type { WalkOptions } from './walk-contract.js';

/** Evidence is collected after the deadline may have passed, so it has a budget of its own. */
const EVIDENCE_MS = 20_000;

/** A layer in the walk: with what the one below handed up, and how many rungs were climbed (LayerContext.recoveryAttempt). */
export interface LayerPlace {
  readonly layer: AnyLayer;
  readonly input: unknown;
  readonly climbed: number;
}

/**
 * Takes single steps of layers, each under a deadline of its own. One that ends without an answer becomes
 * <LAYER>_STEP_TIMEOUT with the last thing seen, unless the layer said it better.
 */
export class LayerSteps {
  readonly #options: Omit<WalkOptions, 'layers' | 'input' | 'breaker'>;
  readonly #lastSeen = new Map<LayerId, string>();

  constructor(options: Omit<WalkOptions, 'layers' | 'input' | 'breaker'>) {
    this.#options = options;
  }

  check(place: LayerPlace): Promise<LayerStatus<unknown>> {
    const { layer, input } = place;
    return this.#step(place, layer.timeouts.checkMs, (ctx) => layer.check(ctx, input));
  }

  provision(place: LayerPlace, seen: LayerStatus<unknown>): Promise<void> {
    const { layer, input } = place;
    return this.#step(place, layer.timeouts.provisionMs, (ctx) => layer.provision(ctx, input, seen));
  }

  recover(place: LayerPlace, fault: WaaError): Promise<Recovery> {
    const { layer, input } = place;
    return this.#step(place, layer.timeouts.recoverMs, (ctx) => layer.recover(ctx, input, fault));
  }

  /** What proves a final failure; never throws. */
  async evidence(place: LayerPlace): Promise<readonly Evidence[]> {
    const { layer, input } = place;
    if (!layer.evidence) return [];
    using deadline = Deadline.after(EVIDENCE_MS, this.#options.clock);
    try {
      return await deadline.race(layer.evidence(this.#context(place, deadline), input));
    } catch (error) {
      return [{ title: 'evidence', text: `could not be collected: ${asWaaError(error).message}` }];
    }
  }

  /** The end of time of a step, or of the whole walk, as a failure of the layer it was at. */
  outOfTime(id: LayerId, deadline: Deadline): WaaError {
    const params = { seconds: Math.round(deadline.totalMs / 1000), last: this.#lastSeen.get(id) ?? 'nothing' };
    return fail(`${codePrefix(id)}_STEP_TIMEOUT`, params);
  }

  async #step<T>(place: LayerPlace, budgetMs: number, step: (ctx: LayerContext) => Promise<T>): Promise<T> {
    using deadline = this.#options.deadline.child(budgetMs);
    try {
      return await deadline.race(step(this.#context(place, deadline)));
    } catch (error) {
      if (!deadline.expired || error !== deadline.signal.reason) throw error;
      throw this.outOfTime(place.layer.id, deadline);
    }
  }

  #context({ layer: { id }, climbed }: LayerPlace, deadline: Deadline): LayerContext {
    const { clock, emit, retry, memory, worker } = this.#options;
    return {
      clock,
      deadline,
      retry,
      worker,
      recoveryAttempt: climbed,
      memory: memory.layer(id),
      emit: forWorker(emit, worker),
      report: (progress) => {
        this.#lastSeen.set(id, progress.phase);
        emit('layer.progress', { layer: id, ...progress }, progressText(progress), { level: 'debug', worker });
      },
    };
  }
}
