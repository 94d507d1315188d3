import type { LayerId } from '../layers/layer.js';
import type { WalkMemory } from '../layers/walk-contract.js';
import type { Clock } from '../clock/clock.js';
import type { Emit } from '../events/bus.js';
import { createBreaker, type Breaker } from '../retry/breaker.js';
import type { Checkpoint } from '../state/checkpoint.js';

/** Lets the walk of one worker write into the deployment's checkpoint. */
export function walkMemory(checkpoint: Checkpoint, worker: string, fingerprint: string, now: () => number): WalkMemory {
  return {
    // The layer qemu begins the installation that the layer windows ends: they keep one note of it.
    layer: (id) => ({
      ...checkpoint.memory(worker, id === 'windows' ? 'qemu' : id),
      readyAs: () => checkpoint.verified(worker, id)?.identity,
    }),
    async ready(id, { identity, output, at }) {
      // A VM that is ready has nothing under way; the token of a killed process would pass an old end off as a new one.
      if (id === 'vm') await checkpoint.forgetTokens(worker, id);
      await checkpoint.saveVerified(worker, id, { fingerprint, outputs: output, identity, verifiedAt: at });
    },
    async reached(milestone) {
      if (checkpoint.milestones(worker)[milestone] === undefined) await checkpoint.reach(worker, milestone, now());
    },
  };
}

/** Breakers of one worker's layers, one each, shared by all walks of this invocation. */
export function workerBreakers(worker: string, clock: Clock, emit: Emit): (id: LayerId) => Breaker {
  const breakers = new Map<LayerId, Breaker>();
  return (id) => {
    const known = breakers.get(id);
    if (known) return known;
    const breaker = createBreaker({
      name: `layer ${id}`,
      clock,
      onChange: (state) => {
        emit('breaker.changed', { name: id, state }, `breaker of ${id}: ${state}`, { level: 'warn', worker });
      },
    });
    breakers.set(id, breaker);
    return breaker;
  };
}
