import { parseTaskName, seedDurationMs, taskName, type Task } from '../benchmark/task-index.js';
import type { EventConsumer } from '../events/bus.js';
import { asWaaError } from '../failures/waa-error.js';
import type { Session } from '../session.js';

/** What each task took on workers before, in ms by its name; where it never ended well, what its domain takes, if known. */
export function expectedDurations(
  { history }: Pick<Session, 'history'>,
  tasks: readonly Task[],
): ReadonlyMap<string, number> {
  const known = tasks.flatMap((task) => {
    const ms = history.expectedMs(stepOf(taskName(task))) ?? seedDurationMs(task.domain);
    return ms === undefined ? [] : [[taskName(task), ms] as const];
  });
  return new Map(known);
}

/**
 * What a task itself took on its worker is what it is expected to take next time, resets and repairs apart: only honest ends
 * that were seen there count.
 */
export function durationKeeper({ history, emit, kind }: Pick<Session, 'history' | 'emit' | 'kind'>): EventConsumer {
  let written: Promise<void> = Promise.resolve();
  return {
    name: 'durations',
    consume(event) {
      if (event.type !== 'task.finished') return;
      const { task, state, ranMs } = event.data;
      if (ranMs === undefined) return;
      const ok = state === 'scored' || state === 'timeout';
      const entry = { at: event.at, step: stepOf(task), durationMs: ranMs, ok, home: kind };
      written = Promise.all([written, history.record(entry)]).then(
        () => undefined,
        (error: unknown) => {
          emit('log', { component: 'benchmark' }, asWaaError(error).message, { level: 'warn' });
        },
      );
    },
    close: () => written,
  };
}

/** The name under which durations of a task are kept: its repetitions take as long. */
function stepOf(name: string): string {
  const { domain, id } = parseTaskName(name);
  return `task:${domain}/${id}`;
}
