import type { Simulation } from '../simulation.js';

/** Things a machine will do while it has power. */
export interface Timers {
  after(delayMs: number, action: () => void): void;
  /** Power went: nothing that was planned happens any more. */
  cancelAll(): void;
}

/** Timers that end together. */
export function createTimers(simulation: Simulation): Timers {
  const cancels = new Set<() => void>();
  return {
    after(delayMs, action) {
      const cancel = simulation.after(delayMs, () => {
        cancels.delete(cancel);
        action();
      });
      cancels.add(cancel);
    },
    cancelAll() {
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
  };
}
