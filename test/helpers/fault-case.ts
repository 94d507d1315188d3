import { expect, it } from 'vitest';
import type { EventOf, WaaEvent } from '../../src/events/catalogue.js';
import { WaaError } from '../../src/failures/waa-error.js';
import type { FailureCode } from '../../src/failures/catalogue/index.js';
import type { FaultRequest } from '../../src/lab/faults/fault-box.js';
import type { LayerId } from '../../src/layers/layer.js';
import { startLabRig } from './lab-session.js';

/** What must become of one injected fault. */
export interface FaultCase {
  readonly fault: FaultRequest;
  /** The failure it is named as, and the layer that is blamed. */
  readonly code: FailureCode;
  readonly layer: LayerId;
  /** `recovered`: up ends ready all the same. `stops`: up ends with that failure, because only a person can mend it. */
  readonly ends: 'recovered' | 'stops';
  /** Which of two layers meets it first depends on the moment; the other one's name for it. */
  readonly or?: { readonly code: FailureCode; readonly layer: LayerId };
  /** Slower time for what is named after minutes of silence: the slack for busy machines must not outlast the layer. */
  readonly scale?: number;
}

/** One test for each case: inject, bring up, look at what was named, blamed and done. */
export function faultTests(cases: readonly FaultCase[]): void {
  it.each(cases.map((entry) => ({ ...entry, id: entry.fault.id })))(
    '$id is named $code, blamed on $layer, and $ends',
    async ({ fault, ends, scale, or, ...expected }) => {
      const rig = await startLabRig(scale === undefined ? {} : { scale });
      try {
        rig.lab.world.faults.arm(fault);
        const result = await rig.up();
        expect(rig.lab.world.faults.history.map((strike) => strike.id)).toContain(fault.id);
        const seen = (candidate: FailureCode) =>
          faultsIn(result.events).find((event) => event.data.fault.code === candidate);
        const { code, layer } = !seen(expected.code) && or ? or : expected;
        const named = seen(code);
        expect(
          named?.data.layer,
          `named: ${faultsIn(result.events)
            .map((event) => event.data.fault.code)
            .join(', ')}`,
        ).toBe(layer);
        expect(named?.data.fault.fix.length).toBeGreaterThan(0);
        if (ends === 'stops') {
          expect(result.error).toBeInstanceOf(WaaError);
          expect((result.error as WaaError).code).toBe(code);
          return;
        }
        expect(result.error).toBeUndefined();
        // How long it took is told with the recovery; bench:faults prints it. No limit here: a busy machine would miss it.
        expect(recoveryMinutes(result.events, layer)).toBeGreaterThanOrEqual(0);
        const { containers, groups } = rig.lab.summary();
        expect(containers.filter((container) => container.state === 'running')).toHaveLength(1);
        const machines = groups.flatMap((group) =>
          group.resources.filter((resource) => resource.type.endsWith('/virtualMachines')),
        );
        expect(machines).toHaveLength(1);
      } finally {
        await rig.close();
      }
    },
  );
}

export function faultsIn(events: readonly WaaEvent[]): readonly EventOf<'layer.fault'>[] {
  return events.filter((event) => event.type === 'layer.fault');
}

/** Lab minutes from the first fault of a layer to its last recovery; undefined when nothing recovered. */
export function recoveryMinutes(events: readonly WaaEvent[], layer: LayerId): number | undefined {
  const recovered = events
    .filter((event) => event.type === 'layer.recovered')
    .filter((event) => event.data.layer === layer);
  const last = recovered.at(-1);
  return last === undefined ? undefined : last.data.durationMs / 60_000;
}
