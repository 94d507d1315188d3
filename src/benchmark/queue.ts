import { taskName, type Task } from './task-index.js';

/** Tasks waiting for a worker. A task is with one worker at a time. */
export interface TaskQueue {
  /** The next task, or undefined when none waits now; others may still come back. */
  take(): Task | undefined;
  /** Gives a task back, to the front: its worker died or its attempt was spoiled. */
  giveBack(task: Task): void;
  /** The task needs no further attempt. */
  settle(task: Task): void;
  /** Tasks that are neither waiting nor settled. */
  readonly taken: number;
  /** Resolves when a task came back or the last taken one was settled. */
  changed(): Promise<void>;
}

/**
 * Makes the queue: longest expected first, so that no long task is left for the end; tasks without a record count as
 * the mean of those with one and keep their order.
 */
export function createTaskQueue(tasks: readonly Task[], expectedMs: ReadonlyMap<string, number>): TaskQueue {
  const known = tasks.map((task) => expectedMs.get(taskName(task))).filter((ms) => ms !== undefined);
  const mean = known.length === 0 ? 0 : known.reduce((sum, ms) => sum + ms, 0) / known.length;
  const expected = (task: Task): number => expectedMs.get(taskName(task)) ?? mean;
  const waiting = tasks.toSorted((a, b) => expected(b) - expected(a));
  const taken = new Set<string>();
  let waiters: (() => void)[] = [];
  const wake = (): void => {
    for (const waiter of waiters.splice(0)) waiter();
  };
  return {
    take() {
      const task = waiting.shift();
      if (task) taken.add(taskName(task));
      return task;
    },
    giveBack(task) {
      if (taken.delete(taskName(task))) waiting.unshift(task);
      wake();
    },
    settle(task) {
      taken.delete(taskName(task));
      if (taken.size === 0) wake();
    },
    get taken() {
      return taken.size;
    },
    changed: () =>
      new Promise((resolve) => {
        waiters = [...waiters, resolve];
      }),
  };
}
