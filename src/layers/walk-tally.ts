import type { LayerId } from './layer.js';

/** Rungs of one layer in one walk. The longest ladder has three; a fourth try repeats what did not help. */
const MAX_RUNGS = 3;
/** Faults of one layer in one walk, those among them that were not its own to mend and used up no rung. */
const MAX_FAULTS = 6;
/** A lower layer may break again while upper ones come up, but not for ever: this ends a walk that goes in circles. */
const MAX_DESCENTS = 8;

/** What one walk has tried so far, and whether it may go on trying. */
export class WalkTally {
  readonly #rungs = new Map<LayerId, number>();
  readonly #faults = new Map<LayerId, number>();
  #descents = 0;

  /** Rungs of a layer's ladder that were climbed: the next one is tried. */
  rungs(id: LayerId): number {
    return this.#rungs.get(id) ?? 0;
  }

  climbed(id: LayerId): void {
    this.#rungs.set(id, this.rungs(id) + 1);
  }

  /** Counts a fault; true while another treatment of the layer is worth it. */
  mayTreat(id: LayerId): boolean {
    const faults = (this.#faults.get(id) ?? 0) + 1;
    this.#faults.set(id, faults);
    return this.rungs(id) < MAX_RUNGS && faults <= MAX_FAULTS;
  }

  /** Counts going down to a lower layer; false once the walk goes in circles. */
  mayDescend(): boolean {
    this.#descents += 1;
    return this.#descents <= MAX_DESCENTS;
  }
}
