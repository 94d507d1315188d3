import type { FailureCode } from '../failures/catalogue/index.js';
import type { LayerId, Recovery } from './layer.js';
import { Rungs } from './rungs.js';

/** Rungs against one trouble of a layer. The longest ladder has three; a fourth try repeats what did not help. */
const MAX_RUNGS = 3;
/** Faults of one layer in one walk, those among them that were not its own to mend and used up no rung. */
const MAX_FAULTS = 6;
/** A lower layer may break again while upper ones come up, but not for ever: this ends a walk that goes in circles. */
const MAX_DESCENTS = 8;

/** What one walk has tried so far, and whether it may go on trying. */
export class WalkTally {
  readonly #rungs = new Map<LayerId, Rungs>();
  readonly #faults = new Map<LayerId, number>();
  readonly #tried = new Map<LayerId, readonly string[]>();
  #descents = 0;

  /** Rungs that a layer climbed in this walk. */
  climbed(id: LayerId): number {
    return this.#rungsOf(id).total;
  }

  /** The next rung of a layer's ladder against a fault: 0 is the first. */
  rung(id: LayerId, code: FailureCode): number {
    return this.#rungsOf(id).placeOf(code);
  }

  /** A rung was climbed. */
  climb(id: LayerId, code: FailureCode, { action, rungs = 1 }: Extract<Recovery, { outcome: 'acted' }>): void {
    this.#rungsOf(id).climb(code, rungs);
    this.#tried.set(id, [...this.tried(id), action]);
  }

  /** What was done about faults of a layer, in words, in its order. */
  tried(id: LayerId): readonly string[] {
    return this.#tried.get(id) ?? [];
  }

  /** A look shows no fault of the layer any more; `ready`: and nothing that is missing either. */
  mended(id: LayerId, ready: boolean): void {
    this.#rungsOf(id).mended(ready);
  }

  /** Counts a fault; true while another treatment of the layer is worth it. */
  mayTreat(id: LayerId, code: FailureCode): boolean {
    const faults = (this.#faults.get(id) ?? 0) + 1;
    this.#faults.set(id, faults);
    return this.rung(id, code) < MAX_RUNGS && faults <= MAX_FAULTS;
  }

  /** Counts going down to a lower layer; false once the walk goes in circles. */
  mayDescend(): boolean {
    this.#descents += 1;
    return this.#descents <= MAX_DESCENTS;
  }

  #rungsOf(id: LayerId): Rungs {
    const rungs = this.#rungs.get(id) ?? new Rungs();
    this.#rungs.set(id, rungs);
    return rungs;
  }
}
