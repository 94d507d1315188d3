import type { Simulation } from '../simulation.js';

/** Something a script waits for until another part of the world opens it. */
export interface Gate {
  readonly opened: boolean;
  open(): void;
  /** Called once when it opens; at once when it is open already. */
  onOpen(action: () => void): void;
}

/** A closed gate. */
export function createGate(): Gate {
  let opened = false;
  const waiting: (() => void)[] = [];
  return {
    get opened() {
      return opened;
    },
    open() {
      opened = true;
      for (const action of waiting.splice(0)) action();
    },
    onOpen(action) {
      if (opened) action();
      else waiting.push(action);
    },
  };
}

/** A course of events told in order: it yields milliseconds of lab time, or a gate, between its steps. */
export type Script = Generator<number | Gate, void>;

/** Starts a script at once. The returned function ends it: nothing of it happens any more. */
export function play(simulation: Simulation, script: Script): () => void {
  const state = { stopped: false, cancelTimer: (): void => undefined };
  const step = (): void => {
    if (state.stopped) return;
    const next = script.next();
    // A step may have ended its own script.
    if (next.done === true || isStopped()) return;
    if (typeof next.value === 'number') state.cancelTimer = simulation.after(next.value, step);
    else next.value.onOpen(step);
  };
  const isStopped = (): boolean => state.stopped;
  step();
  return () => {
    state.stopped = true;
    state.cancelTimer();
  };
}
