import { expect } from 'vitest';
import { measure } from './measured.js';
import type { Installation, Rig, Told } from './rig.js';

/** What the tests of faults do: `up`, and a look at which Windows that gave. */
export interface Mender {
  /** `up` after a fault: it was named as `expected`, `layer CODE`, or there was nothing to name; everything is ready again. */
  mends(fault: string, expected: string | undefined): Promise<Told>;
  /** The same Windows as before, started once more. */
  sameWindows(before: Installation): Promise<void>;
}

export function menderOf(rig: () => Rig): Mender {
  return {
    async mends(fault, expected) {
      const told = await rig().up();
      measure(`recovery: ${fault}`, told.seconds);
      expect(told.result.exitCode, told.result.stdout + told.result.stderr).toBe(0);
      if (expected === undefined) expect(told.faults).toEqual([]);
      else expect(told.faults).toContain(expected);
      return told;
    },
    async sameWindows({ id, boots }) {
      expect(await rig().installation()).toEqual({ id, boots: boots + 1 });
    },
  };
}
