import type { Clock } from '../clock/clock.js';
import type { Simulation } from './world/simulation.js';

/** Ties a simulation to a clock: what is due happens by itself, and `sync` brings the world to this very moment. */
export interface Driver {
  /** Advances the world to now. Wires call it before they look. */
  sync(): void;
  stop(): void;
}

/** Starts driving. One timer is set, for the next thing due. */
export function driveSimulation(simulation: Simulation, clock: Clock): Driver {
  let cancel: (() => void) | undefined;
  let armedFor: number | undefined;

  const arm = (): void => {
    const next = simulation.nextAt;
    if (next === armedFor) return;
    cancel?.();
    armedFor = next;
    cancel = next === undefined ? undefined : clock.schedule(next - clock.now(), fire);
  };
  const sync = (): void => {
    // Actions schedule further actions; arming once afterwards is enough.
    simulation.onScheduled = undefined;
    try {
      simulation.advanceTo(clock.now());
    } finally {
      simulation.onScheduled = arm;
    }
    arm();
  };
  const fire = (): void => {
    armedFor = undefined;
    sync();
  };

  simulation.onScheduled = arm;
  arm();
  return {
    sync,
    stop() {
      cancel?.();
      simulation.onScheduled = undefined;
    },
  };
}
