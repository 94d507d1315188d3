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
  let stopped = false;
  let cancelTimer = (): void => undefined;
  const step = (): void => {
    if (stopped) return;
    const next = script.next();
    if (next.done === true || stopped) return;
    if (typeof next.value === 'number') cancelTimer = simulation.after(next.value, step);
    else next.value.onOpen(step);
  };
  step();
  return () => {
    stopped = true;
    cancelTimer();
  };
}
