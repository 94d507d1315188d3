import type { Clock } from '../clock/clock.js';
import type { LayerState } from '../events/catalogue.js';
import { forWorker, type Emit } from '../events/bus.js';
import { asWaaError, fail, type WaaError } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import type { Breaker } from '../retry/breaker.js';
import type { Retrier } from '../retry/retry.js';
import type { Layer, LayerContext, LayerId, LayerMemory, LayerStatus, Milestone, Progress, Recovery } from './layer.js';
import { Rungs } from './rungs.js';

/** A layer whose types were erased: the walk hands each layer's output up without looking into it. */
export type AnyLayer = Layer<unknown, unknown>;

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

/** Rungs against one trouble of a layer. The longest ladder has three; a fourth try repeats what did not help. */
const MAX_RUNGS = 3;
/** Faults of one layer in one walk, those among them that were not its own to mend and used up no rung. */
const MAX_FAULTS = 6;
/** A lower layer may break again while upper ones come up, but not for ever: this ends a walk that goes in circles. */
const MAX_DESCENTS = 8;
/** Evidence is collected after the deadline may have passed, so it has a budget of its own. */
const EVIDENCE_MS = 20_000;

/**
 * Looks at the layers bottom-up without changing anything and stops at the first that is not ready; the layers above it
 * are reported blocked. Does not throw for anything broken.
 */
export async function inspectLayers(options: WalkOptions): Promise<WalkResult> {
  const walk = new Walk(options);
  const blamed = await walk.lowestBroken(options.layers.length);
  return walk.result(blamed === undefined);
}

/**
 * Brings every layer to ready, bottom-up.
 *
 *   pending > checking > ready
 *                      > provisioning > verifying > ready | fault
 *   fault > (a lower layer is broken: go down to it) | recovering > verifying > ready | failed; those above: blocked
 *
 * Only `check` says ready: after provision and after recover the layer is checked again. On a fault in layer N the
 * layers 1..N are checked bottom-up and the lowest broken one is treated first. A fault that is not the layer's to mend
 * (a connection that broke and stands again) is looked at again without a rung. Throws the failure of the layer that
 * could not be brought up, with its evidence; a cancelled walk throws the abort reason.
 */
export async function ensureLayers(options: WalkOptions): Promise<WalkResult> {
  return new Walk(options).ensure();
}

class Walk {
  readonly #options: WalkOptions;
  readonly #reports: LayerReport[];
  readonly #outputs: unknown[] = [];
  readonly #rungs = new Map<LayerId, Rungs>();
  readonly #faults = new Map<LayerId, number>();
  readonly #faultAt = new Map<LayerId, number>();
  #descents = 0;

  constructor(options: WalkOptions) {
    this.#options = options;
    this.#reports = options.layers.map((layer) => ({ id: layer.id, state: 'pending' }));
  }

  result(ready: boolean): WalkResult {
    return { ready, layers: this.#reports, output: ready ? this.#outputs.at(-1) : undefined };
  }

  async ensure(): Promise<WalkResult> {
    let index = 0;
    while (index < this.#options.layers.length) index = await this.#bringUp(index);
    return this.result(true);
  }

  /** Checks layers below `end` bottom-up; the index of the first that is not ready, or undefined. */
  async lowestBroken(end: number): Promise<number | undefined> {
    for (let index = 0; index < end; index += 1) {
      const status = await this.#check(index, 'checking');
      if (status.state !== 'ready') {
        this.#block(index + 1);
        return index;
      }
    }
    return undefined;
  }

  /** Treats one layer until it is ready; returns the index to go on with: the next one, or a lower one that broke. */
  async #bringUp(index: number): Promise<number> {
    const status = await this.#check(index, 'checking');
    if (status.state === 'ready') return this.#becameReady(index, status);
    const breaker = this.#options.breaker(this.#layer(index).id);
    breaker.enter();
    try {
      return await this.#treat(index, status);
    } finally {
      // A person's stop and the way down are no verdict on this layer. After one, this changes nothing.
      breaker.abandoned();
    }
  }

  async #treat(index: number, seen: LayerStatus<unknown>): Promise<number> {
    let status = seen;
    for (;;) {
      if (status.state === 'ready') return this.#becameReady(index, status);
      try {
        if (status.state === 'unhealthy' || status.state === 'unknown') throw status.fault;
        await this.#provision(index, status);
        status = await this.#check(index, 'verifying');
        if (status.state === 'unhealthy' || status.state === 'unknown') throw status.fault;
        if (status.state !== 'ready') throw this.#notReadyAfter(index, status);
      } catch (error) {
        this.#throwIfCancelled();
        const lower = await this.#handleFault(index, asWaaError(error));
        if (lower !== undefined) return lower;
        status = await this.#check(index, 'verifying');
      }
    }
  }

  /** One fault: go down when a lower layer broke, otherwise one rung of the ladder. Throws when nothing is left. */
  async #handleFault(index: number, fault: WaaError): Promise<number | undefined> {
    const layer = this.#layer(index);
    const { emit, worker, clock } = this.#options;
    const lower = await this.lowestBroken(index);
    this.#throwIfCancelled();
    if (lower !== undefined) {
      this.#descents += 1;
      if (this.#descents > MAX_DESCENTS) throw await this.#failed(index, fault);
      return lower;
    }
    emit('layer.fault', { layer: layer.id, fault: fault.data() }, fault.message, { level: 'error', worker });
    if (!this.#faultAt.has(layer.id)) this.#faultAt.set(layer.id, clock.now());
    const faults = (this.#faults.get(layer.id) ?? 0) + 1;
    this.#faults.set(layer.id, faults);
    const spent = this.#rungsOf(layer.id).placeOf(fault.code) >= MAX_RUNGS || faults > MAX_FAULTS;
    if (fault.isHopeless || spent) throw await this.#failed(index, fault);
    await this.#recover(index, fault);
    return undefined;
  }

  /** One rung, which counts when it was climbed; a fault that is not the layer's to mend leaves the ladder as it is. */
  async #recover(index: number, fault: WaaError): Promise<void> {
    const layer = this.#layer(index);
    this.#setState(index, 'recovering', fault.message);
    using deadline = this.#options.deadline.child(layer.timeouts.recoverMs);
    const rungs = this.#rungsOf(layer.id);
    const recoveryAttempt = rungs.placeOf(fault.code);
    const recovery = await this.#guard(index, deadline, () =>
      layer.recover({ ...this.#context(index, deadline), recoveryAttempt }, this.#input(index), fault),
    ).catch(async (error: unknown): Promise<Recovery> => {
      this.#throwIfCancelled();
      const second = asWaaError(error);
      // A ladder that failed to climb counts as a rung; only what can never work ends the walk here.
      if (second.isHopeless) throw await this.#failed(index, second);
      return { outcome: 'acted', action: `recovery failed: ${second.message}` };
    });
    if (recovery.outcome === 'give-up') throw await this.#failed(index, fault);
    if (recovery.outcome === 'nothing-to-do') return;
    rungs.climb(fault.code, recovery.rungs ?? 1);
    this.#setState(index, 'recovering', recovery.action);
  }

  #rungsOf(id: LayerId): Rungs {
    const rungs = this.#rungs.get(id) ?? new Rungs();
    this.#rungs.set(id, rungs);
    return rungs;
  }

  async #provision(index: number, seen: LayerStatus<unknown>): Promise<void> {
    const layer = this.#layer(index);
    this.#setState(index, 'provisioning', describe(seen));
    using deadline = this.#options.deadline.child(layer.timeouts.provisionMs);
    await this.#guard(index, deadline, () => layer.provision(this.#context(index, deadline), this.#input(index), seen));
  }

  async #check(index: number, state: LayerState): Promise<LayerStatus<unknown>> {
    const layer = this.#layer(index);
    if (this.#reports[index]?.state !== 'ready') this.#setState(index, state);
    using deadline = this.#options.deadline.child(layer.timeouts.checkMs);
    let status: LayerStatus<unknown>;
    try {
      status = await this.#guard(index, deadline, () =>
        layer.check(this.#context(index, deadline), this.#input(index)),
      );
    } catch (error) {
      this.#throwIfCancelled();
      status = { state: 'unknown', fault: asWaaError(error) };
    }
    const broken = status.state === 'unhealthy' || status.state === 'unknown';
    if (!broken) this.#rungsOf(layer.id).mended(status.state === 'ready');
    if (status.state === 'ready') {
      this.#outputs[index] = status.output;
      this.#setState(index, 'ready', status.detail, status);
    } else {
      // Absent, drifted and in progress are told by the step that follows; only a fault is news of its own.
      this.#setState(index, broken ? 'failed' : state, broken ? describe(status) : undefined, status);
    }
    return status;
  }

  /** Writes it down; the index of the next layer. */
  async #becameReady(index: number, status: LayerStatus<unknown> & { state: 'ready' }): Promise<number> {
    const layer = this.#layer(index);
    const { clock, emit, memory, worker } = this.#options;
    this.#options.breaker(layer.id).succeeded();
    const since = this.#faultAt.get(layer.id);
    if (since !== undefined) {
      this.#faultAt.delete(layer.id);
      const durationMs = clock.now() - since;
      emit('layer.recovered', { layer: layer.id, action: 'ready again', durationMs }, `${layer.id} is ready again`, {
        worker,
      });
    }
    await memory.ready(layer.id, { identity: status.identity, output: status.output, at: clock.now() });
    for (const milestone of layer.milestones) {
      await memory.reached(milestone);
      emit('milestone.reached', { milestone }, milestone.replaceAll('_', ' '), { worker });
    }
    return index + 1;
  }

  /** The final failure of a layer, with what proves it; the layers above become blocked. */
  async #failed(index: number, fault: WaaError): Promise<WaaError> {
    const layer = this.#layer(index);
    this.#setState(index, 'failed', fault.message);
    this.#block(index + 1);
    this.#options.breaker(layer.id).failed(fault);
    if (!layer.evidence) return fault;
    using deadline = Deadline.after(EVIDENCE_MS, this.#options.clock);
    try {
      return fault.withEvidence(
        await deadline.race(layer.evidence(this.#context(index, deadline), this.#input(index))),
      );
    } catch (error) {
      return fault.withEvidence([{ title: 'evidence', text: `could not be collected: ${asWaaError(error).message}` }]);
    }
  }

  /** Runs a step of a layer; its own end of time becomes <LAYER>_STEP_TIMEOUT, unless the layer said it better. */
  async #guard<T>(index: number, deadline: Deadline, step: () => Promise<T>): Promise<T> {
    try {
      return await deadline.race(step());
    } catch (error) {
      if (!deadline.expired || error !== deadline.signal.reason) throw error;
      throw this.#outOfTime(this.#layer(index).id, deadline);
    }
  }

  readonly #lastSeen = new Map<LayerId, string>();

  #context(index: number, deadline: Deadline): LayerContext {
    const { clock, emit, retry, memory, worker } = this.#options;
    const layer = this.#layer(index);
    const id = layer.id;
    return {
      clock,
      deadline,
      retry,
      worker,
      recoveryAttempt: this.#rungsOf(id).total,
      memory: memory.layer(id),
      emit: forWorker(emit, worker),
      report: (progress) => {
        this.#lastSeen.set(id, progress.phase);
        emit('layer.progress', { layer: id, ...progress }, progressText(progress), { level: 'debug', worker });
      },
    };
  }

  #setState(index: number, state: LayerState, detail?: string, status?: LayerStatus<unknown>): void {
    const id = this.#layer(index).id;
    const before = this.#reports[index];
    this.#reports[index] = { id, state, ...(status === undefined ? {} : { status }) };
    if (before?.state === state && detail === undefined) return;
    const data = { layer: id, state, ...(detail === undefined ? {} : { detail }) };
    const level = state === 'failed' ? 'warn' : 'info';
    this.#options.emit('layer.state', data, detail ?? state, { worker: this.#options.worker, level });
  }

  #block(from: number): void {
    for (let index = from; index < this.#reports.length; index += 1) {
      if (this.#reports[index]?.state !== 'pending') this.#setState(index, 'blocked');
      else this.#reports[index] = { id: this.#layer(index).id, state: 'blocked' };
    }
  }

  #notReadyAfter(index: number, status: LayerStatus<unknown>): WaaError {
    return fail(`${upper(this.#layer(index).id)}_NOT_READY`, { seen: describe(status) ?? status.state });
  }

  #throwIfCancelled(): void {
    const { deadline } = this.#options;
    if (!deadline.signal.aborted) return;
    if (!deadline.expired) throw deadline.signal.reason;
    throw this.#outOfTime(this.#reports.find((report) => report.state !== 'ready')?.id ?? 'client', deadline);
  }

  #outOfTime(id: LayerId, deadline: Deadline): WaaError {
    const params = { seconds: Math.round(deadline.totalMs / 1000), last: this.#lastSeen.get(id) ?? 'nothing' };
    return fail(`${upper(id)}_STEP_TIMEOUT`, params);
  }

  #layer(index: number): AnyLayer {
    const layer = this.#options.layers[index];
    if (!layer) throw fail('BUG', { what: `no layer ${index}` });
    return layer;
  }

  #input(index: number): unknown {
    return index === 0 ? this.#options.input : this.#outputs[index - 1];
  }
}

function upper(id: LayerId): Uppercase<LayerId> {
  return id.toUpperCase() as Uppercase<LayerId>;
}

/** Work in progress in words, with its percent where that is known. */
export function progressText(progress: Progress): string {
  return progress.percent === undefined ? progress.phase : `${progress.phase} (${Math.round(progress.percent)} %)`;
}

function describe(status: LayerStatus<unknown>): string | undefined {
  switch (status.state) {
    case 'ready':
      return status.detail;
    case 'absent':
      return status.detail ?? 'not there yet';
    case 'drifted':
      return `differs: ${status.differences.join('; ')}`;
    case 'in-progress':
      return progressText(status.progress);
    case 'unhealthy':
      return status.fault.message;
    case 'unknown':
      return `could not look: ${status.fault.message}`;
  }
}
