import type { LayerState } from '../events/catalogue.js';
import { asWaaError, fail, type WaaError } from '../failures/waa-error.js';
import { codePrefix, describeStatus } from './layer-words.js';
import type { AnyLayer, LayerStatus, Recovery } from './layer.js';
import type { WalkOptions, WalkResult } from './walk-contract.js';
import { WalkReports } from './walk-reports.js';
import { LayerSteps, type LayerPlace } from './walk-steps.js';
import { WalkTally } from './walk-tally.js';

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
  readonly #steps: LayerSteps;
  readonly #reports: WalkReports;
  readonly #tally = new WalkTally();
  /** What each layer handed up when it was last seen ready. */
  readonly #outputs: unknown[] = [];

  constructor(options: WalkOptions) {
    this.#options = options;
    this.#steps = new LayerSteps(options);
    this.#reports = new WalkReports(options);
  }

  result(ready: boolean): WalkResult {
    return { ready, layers: this.#reports.rows, output: ready ? this.#outputs.at(-1) : undefined };
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
        this.#reports.block(index + 1);
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
        this.#reports.set(index, 'provisioning', describeStatus(status));
        await this.#steps.provision(this.#place(index), status);
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
    const lower = await this.lowestBroken(index);
    this.#throwIfCancelled();
    if (lower !== undefined) {
      if (!this.#tally.mayDescend()) throw await this.#failed(index, fault);
      return lower;
    }
    const { id } = this.#layer(index);
    this.#reports.fault(id, fault);
    if (!this.#tally.mayTreat(id, fault.code) || fault.isHopeless) throw await this.#failed(index, fault);
    return await this.#recover(index, fault);
  }

  /**
   * One rung, which counts when it was climbed; a fault that is not the layer's to mend leaves the ladder as it is. The
   * index of the lower layer that it made start anew, if it did.
   */
  async #recover(index: number, fault: WaaError): Promise<number | undefined> {
    this.#reports.set(index, 'recovering', fault.message);
    const { id } = this.#layer(index);
    const place = { ...this.#place(index), climbed: this.#tally.rung(id, fault.code) };
    const recovery = await this.#steps.recover(place, fault).catch(async (error: unknown): Promise<Recovery> => {
      this.#throwIfCancelled();
      const second = asWaaError(error);
      // A ladder that failed to climb counts as a rung; only what can never work ends the walk here.
      if (second.isHopeless) throw await this.#failed(index, second);
      return { outcome: 'acted', action: `recovery failed: ${second.message}` };
    });
    if (recovery.outcome === 'give-up') throw await this.#failed(index, fault, recovery.reason);
    if (recovery.outcome === 'nothing-to-do') return undefined;
    this.#tally.climb(id, fault.code, recovery);
    this.#reports.set(index, 'recovering', recovery.action);
    const restarted = this.#options.layers.findIndex((layer) => layer.id === recovery.restarted);
    return restarted < 0 ? undefined : restarted;
  }

  async #check(index: number, state: LayerState): Promise<LayerStatus<unknown>> {
    this.#reports.looking(index, state);
    const status = await this.#steps.check(this.#place(index)).catch((error: unknown): LayerStatus<unknown> => {
      this.#throwIfCancelled();
      return { state: 'unknown', fault: asWaaError(error) };
    });
    if (status.state === 'ready') this.#outputs[index] = status.output;
    if (status.state !== 'unhealthy' && status.state !== 'unknown')
      this.#tally.mended(this.#layer(index).id, status.state === 'ready');
    this.#reports.seen(index, state, status);
    return status;
  }

  /** Writes it down; the index of the next layer. */
  async #becameReady(index: number, status: LayerStatus<unknown> & { state: 'ready' }): Promise<number> {
    const { id, milestones } = this.#layer(index);
    const { breaker, clock, emit, memory, worker } = this.#options;
    breaker(id).succeeded();
    this.#reports.recovered(id);
    await memory.ready(id, { identity: status.identity, output: status.output, at: clock.now() });
    for (const milestone of milestones) {
      await memory.reached(milestone);
      emit('milestone.reached', { milestone }, milestone.replaceAll('_', ' '), { worker });
    }
    return index + 1;
  }

  /** The final failure of a layer, with what was tried and what proves it; the layers above become blocked. */
  async #failed(index: number, fault: WaaError, gaveUpBecause?: string): Promise<WaaError> {
    const place = this.#place(index);
    this.#reports.set(index, 'failed', fault.message);
    this.#reports.block(index + 1);
    this.#options.breaker(place.layer.id).failed(fault);
    const tried = [...this.#tally.tried(place.layer.id), ...(gaveUpBecause === undefined ? [] : [gaveUpBecause])];
    const repairs = tried.length === 0 ? [] : [{ title: 'repairs tried', text: tried.join('\n') }];
    return fault.withEvidence([...repairs, ...(await this.#steps.evidence(place))]);
  }

  #notReadyAfter(index: number, status: LayerStatus<unknown>): WaaError {
    return fail(`${codePrefix(this.#layer(index).id)}_NOT_READY`, { seen: describeStatus(status) ?? status.state });
  }

  /** A person's stop ends the walk with its reason, the end of time as a failure of the layer that was being treated. */
  #throwIfCancelled(): void {
    const { deadline } = this.#options;
    if (!deadline.signal.aborted) return;
    if (!deadline.expired) throw deadline.signal.reason;
    throw this.#steps.outOfTime(this.#reports.lowestOpen ?? 'client', deadline);
  }

  #place(index: number): LayerPlace {
    const layer = this.#layer(index);
    const input = index === 0 ? this.#options.input : this.#outputs[index - 1];
    return { layer, input, climbed: this.#tally.climbed(layer.id) };
  }

  #layer(index: number): AnyLayer {
    const layer = this.#options.layers[index];
    if (!layer) throw fail('BUG', { what: `no layer ${index}` });
    return layer;
  }
}
