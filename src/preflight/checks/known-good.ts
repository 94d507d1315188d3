import { fail } from '../../failures/waa-error.js';
import type { Check } from '../check.js';
import { problem } from '../outcomes.js';

/** What the check compares. */
export interface KnownGoodContext {
  /** The configuration that last worked; undefined before the first. */
  knownGood(): Promise<{ readonly image: string; readonly vmSize: string; readonly at: string } | undefined>;
  /** References under which the wanted image may be found, with the digest when one is set. */
  readonly images: readonly string[];
  /** Undefined on hosts of the user's own. */
  readonly size: string | undefined;
}

const nameOf = (image: string): string => image.replace(/@.*$/, '');

/** Requirement P16: what differs from the last configuration that worked is the first suspect when something fails. */
export const knownGoodCheck: Check<KnownGoodContext> = {
  id: 'own-known-good',
  title: 'Same as the last that worked',
  requirement: 'P16',
  severity: 'warning',
  async run({ knownGood, images, size }) {
    const good = await knownGood();
    if (!good) return { outcome: 'skipped', detail: 'nothing was ready yet' };
    // Without a pinned digest only the names can be compared.
    const isSame = images.some((image) => image === good.image || image === nameOf(good.image));
    const image = isSame ? [] : [`image ${images[0] ?? ''} instead of ${good.image}`];
    const isOtherSize = size !== undefined && good.vmSize !== '' && size !== good.vmSize;
    const vmSize = isOtherSize ? [`size ${size} instead of ${good.vmSize}`] : [];
    const differences = [...image, ...vmSize].join('; ');
    const since = good.at.slice(0, 10);
    if (differences === '') return { outcome: 'pass', detail: `image and size as on ${since}` };
    return problem(fail('OWN_NOT_AS_KNOWN_GOOD', { differences, since }));
  },
};
