import { describe, expect, it } from 'vitest';
import { createTaskQueue } from '../../../src/benchmark/queue.js';
import { shippedTaskIndex, taskName } from '../../../src/benchmark/task-index.js';

const tasks = shippedTaskIndex().tasks.slice(0, 3);
const [first, second, third] = tasks;
if (!first || !second || !third) throw new Error('too few tasks');

describe('the queue', () => {
  it('gives the longest expected task first; one without a record counts as the mean', () => {
    const queue = createTaskQueue(
      tasks,
      new Map([
        [taskName(first), 100],
        [taskName(third), 900],
      ]),
    );
    expect([queue.take(), queue.take(), queue.take(), queue.take()]).toEqual([third, second, first, undefined]);
  });

  it('keeps the order asked for when nothing is known', () => {
    const queue = createTaskQueue(tasks, new Map());
    expect([queue.take(), queue.take(), queue.take()]).toEqual(tasks);
  });

  it('hands a task that came back to the next who asks, and wakes those who wait', async () => {
    const queue = createTaskQueue([first], new Map());
    const taken = queue.take();
    expect(queue.take()).toBeUndefined();
    expect(queue.taken).toBe(1);
    const woken = queue.changed();
    if (taken) queue.giveBack(taken);
    await woken;
    expect(queue.take()).toBe(first);
  });

  it('wakes those who wait when the last task is settled', async () => {
    const queue = createTaskQueue([first], new Map());
    queue.take();
    const woken = queue.changed();
    queue.settle(first);
    await woken;
    expect(queue.taken).toBe(0);
  });

  it('does not let a task come back twice', () => {
    const queue = createTaskQueue([first], new Map());
    queue.take();
    queue.giveBack(first);
    queue.giveBack(first);
    queue.take();
    expect(queue.take()).toBeUndefined();
  });
});
