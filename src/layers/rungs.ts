import type { FailureCode } from '../failures/catalogue/index.js';

/**
 * Where on its ladders a layer stands in one walk. A fault that a rung did not mend goes on with the next one, whatever it
 * is called by then: the same trouble shows in several ways. A fault that comes once the layer was mended is another
 * trouble and begins its own ladder. When one comes again, what made the layer ready before is tried first.
 */
export class Rungs {
  /** The next rung against each fault that was met. */
  readonly #next = new Map<FailureCode, number>();
  /** The rung climbed last, until the layer is ready. */
  #last: { readonly code: FailureCode; readonly place: number; readonly next: number } | undefined;
  /** No look has shown yet that it helped. */
  #inDoubt = false;
  #total = 0;

  /** Rungs climbed in this walk. */
  get total(): number {
    return this.#total;
  }

  /** The rung for a fault of this code: 0 is the first. */
  placeOf(code: FailureCode): number {
    const goesOn = this.#inDoubt ? this.#last?.next : undefined;
    return Math.max(goesOn ?? 0, this.#next.get(code) ?? 0);
  }

  /** A rung was climbed against this code; `count`: how many it stands for. */
  climb(code: FailureCode, count: number): void {
    const place = this.placeOf(code);
    const next = place + count;
    this.#next.set(code, next);
    this.#last = { code, place, next };
    this.#inDoubt = true;
    this.#total += 1;
  }

  /** A look shows no fault any more; `ready`: and nothing that is missing either. */
  mended(ready: boolean): void {
    this.#inDoubt = false;
    if (!ready || !this.#last) return;
    this.#next.set(this.#last.code, this.#last.place);
    this.#last = undefined;
  }
}
