import { asWaaError, fail } from '../failures/waa-error.js';
import { createBudget } from './budget.js';
import { experimentOf } from './experiment.js';
import { LEASE_MS } from './queue.js';
import { createRunQueue } from './recorded-queue.js';
import type { RunHead } from './run-record.js';
import type { RunSettings, RunWorker } from './run-settings.js';
import { openRunStore } from './run-store.js';
import { summarise, type RunSummary } from './summary.js';
import { createTaskIndex, taskName } from './task-index.js';
import { workThrough } from './worker.js';

/**
 * Runs every task once over all workers with one queue, or resumes the run of that folder: finished tasks are kept, an
 * attempt that was running is attached to again, what the infrastructure spoiled is repeated. Results are home before
 * anything remote is deleted. A worker that fails gives its task back. Raises CLIENT_RUN_*, the failure of a worker when
 * tasks are left and nobody to do them, and the abort reason; in every case the folder holds all that is known and the run
 * can be resumed.
 */
export async function runOnWorkers(settings: RunSettings, workers: readonly RunWorker[]): Promise<RunSummary> {
  if (settings.tasks.length === 0) throw fail('CLIENT_TASK_FILE_EMPTY', { path: 'the selection' });
  const { clock, config, emit } = settings;
  const store = await openRunStore(settings.runDirectory, headOf(settings));
  try {
    const names = workers.map((worker) => worker.name);
    store.append({ type: 'opened', at: clock.now(), workers: names, infraRetries: config.benchmark.infraRetries });
    const queue = createRunQueue({
      tasks: settings.tasks.map(taskName),
      lines: store.lines,
      record: store,
      expectedMs: settings.expectedMs ?? new Map(),
      leaseMs: LEASE_MS + clock.slackMs,
      clock,
    });
    const done = new AbortController();
    const crew = new Set(names);
    const { done: doneBefore } = await queue.observe();
    const budget = createBudget(settings, store, workers.length);
    const job = { settings, queue, store, doneBefore, budget, crew, done: done.signal };
    const work = workers.map(async (worker) => {
      try {
        await workThrough({ ...job, worker });
        crew.delete(worker.name);
        const { pending, leased } = await queue.observe();
        // Where the budget stops the last one at work, nobody need rest any longer.
        if (pending + leased === 0 || crew.size === 0) done.abort(new Error('no task is left to begin'));
      } catch (error) {
        if (done.signal.aborted && error === done.signal.reason) return;
        if (!settings.signal.aborted)
          emit('log', { component: 'benchmark' }, `${worker.name} leaves the run: ${asWaaError(error).message}`, {
            level: 'error',
            worker: worker.name,
          });
        throw error;
      } finally {
        crew.delete(worker.name);
      }
    });
    const outcomes = await Promise.allSettled(work);
    store.append({ type: 'closed', at: clock.now() });
    const summary = summarise(store.head, store.lines, createTaskIndex(settings.tasks));
    settings.signal.throwIfAborted();
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed && !summary.complete) throw failed.reason;
    return summary;
  } finally {
    await store.close();
  }
}

function headOf(settings: RunSettings): RunHead {
  const { runId, clock, prices, conditions } = settings;
  return {
    runId,
    createdAt: new Date(clock.now()).toISOString(),
    ...experimentOf(settings),
    ...(prices === undefined ? {} : { prices }),
    ...(conditions === undefined ? {} : { conditions }),
  };
}
