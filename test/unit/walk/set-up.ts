import { expect } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { WaaError } from '../../../src/failures/waa-error.js';
import { Deadline } from '../../../src/health/deadline.js';
import type { LayerId } from '../../../src/layers/layer.js';
import type { WalkOptions } from '../../../src/layers/walk-contract.js';
import { ensureLayers } from '../../../src/layers/walk.js';
import { createBreaker, type Breaker } from '../../../src/retry/breaker.js';
import { retryPolicies } from '../../../src/retry/policies.js';
import { createRetrier } from '../../../src/retry/retry.js';
import { createRecordingBus } from '../../helpers/recording-bus.js';
import { recordingMemory, type ScriptedLayer } from '../../helpers/scripted-layer.js';

/** A walk over these layers by a manual clock; breakers and memory outlive one walk. */
export function setUp(...layers: ScriptedLayer[]) {
  const clock = createManualClock();
  const bus = createRecordingBus(clock);
  const memory = recordingMemory();
  const breakers = new Map<LayerId, Breaker>();
  const stop = new AbortController();
  const options = (): WalkOptions => ({
    layers,
    input: 'plan',
    worker: 'w0',
    clock,
    deadline: Deadline.after(3_600_000, clock, stop.signal),
    emit: bus.emit,
    retry: createRetrier({ clock, policies: retryPolicies, emit: bus.emit, random: () => 0 }),
    memory,
    breaker: (id) => {
      const breaker = breakers.get(id) ?? createBreaker({ name: id, clock });
      breakers.set(id, breaker);
      return breaker;
    },
  });
  const ensure = () => clock.runUntil(ensureLayers(options()));
  const failure = async () => {
    const error: unknown = await ensure().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(WaaError);
    return error as WaaError;
  };
  return { clock, bus, memory, stop, options, ensure, failure };
}
