import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { mulberry32 } from '../src/seeded-random.js';

/** A file of these projects may take a minute, one of the others seconds. */
const LONG = new Set(['lab', 'e2e']);
/** Long files begin within this share of the order: begun last, one of them would keep a single worker busy alone. */
const LONG_SHARE = 0.7;

/** Files in an order drawn from the seed, the long ones not at its end; without `sequence.shuffle` in Vitest's own order. */
export class NoLongTail extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { seed, shuffle } = this.ctx.config.sequence;
    if (!shuffle) return super.sort(files);
    const random = mulberry32(seed);
    const placed = files
      .toSorted((a, b) => a.moduleId.localeCompare(b.moduleId))
      .map((file) => ({ file, place: random() * (LONG.has(file.project.name) ? LONG_SHARE : 1) }));
    return Promise.resolve(placed.sort((a, b) => a.place - b.place).map(({ file }) => file));
  }
}
