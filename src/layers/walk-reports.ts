import type { LayerState } from '../events/catalogue.js';
import type { WaaError } from '../failures/waa-error.js';
import { describeStatus } from './layer-words.js';
import type { LayerId, LayerStatus } from './layer.js';
import type { LayerReport, WalkOptions } from './walk-contract.js';

/** How far each layer is, and the events that tell it. Layers go by their place, bottom first. */
export class WalkReports {
  readonly #options: Pick<WalkOptions, 'clock' | 'emit' | 'worker'>;
  readonly #rows: LayerReport[];
  /** When the fault that a layer is being treated for began, epoch ms. */
  readonly #faultAt = new Map<LayerId, number>();

  constructor(options: Pick<WalkOptions, 'clock' | 'emit' | 'worker' | 'layers'>) {
    this.#options = options;
    this.#rows = options.layers.map(({ id }) => ({ id, state: 'pending' }));
  }

  get rows(): readonly LayerReport[] {
    return this.#rows;
  }

  /** The lowest layer that is not ready. */
  get lowestOpen(): LayerId | undefined {
    return this.#rows.find(({ state }) => state !== 'ready')?.id;
  }

  /** A look begins; a layer that was ready stays so until it is seen otherwise. */
  looking(index: number, state: LayerState): void {
    if (this.#rows[index]?.state !== 'ready') this.set(index, state);
  }

  /** What a look saw. Absent, drifted and in progress are told by the step that follows; only a fault is news of its own. */
  seen(index: number, looking: LayerState, status: LayerStatus<unknown>): void {
    const isBroken = status.state === 'unhealthy' || status.state === 'unknown';
    if (status.state === 'ready') this.set(index, 'ready', status.detail, status);
    else this.set(index, isBroken ? 'failed' : looking, isBroken ? describeStatus(status) : undefined, status);
  }

  set(index: number, state: LayerState, detail?: string, status?: LayerStatus<unknown>): void {
    const before = this.#rows[index];
    if (!before) return;
    const { id } = before;
    this.#rows[index] = { id, state, ...(status === undefined ? {} : { status }) };
    if (before.state === state && detail === undefined) return;
    const { emit, worker } = this.#options;
    const data = { layer: id, state, ...(detail === undefined ? {} : { detail }) };
    emit('layer.state', data, detail ?? state, { worker, level: state === 'failed' ? 'warn' : 'info' });
  }

  /** Nothing can be said of the layers from here up. Of one that was not looked at yet that is no news. */
  block(from: number): void {
    for (const [index, { id, state }] of this.#rows.entries()) {
      if (index < from) continue;
      if (state === 'pending') this.#rows[index] = { id, state: 'blocked' };
      else this.set(index, 'blocked');
    }
  }

  fault(layer: LayerId, fault: WaaError): void {
    const { clock, emit, worker } = this.#options;
    emit('layer.fault', { layer, fault: fault.data() }, fault.message, { level: 'error', worker });
    if (!this.#faultAt.has(layer)) this.#faultAt.set(layer, clock.now());
  }

  /** A layer is ready: told as recovered when it had a fault before. */
  recovered(layer: LayerId): void {
    const since = this.#faultAt.get(layer);
    if (since === undefined) return;
    this.#faultAt.delete(layer);
    const { clock, emit, worker } = this.#options;
    const data = { layer, action: 'ready again', durationMs: clock.now() - since };
    emit('layer.recovered', data, `${layer} is ready again`, { worker });
  }
}
