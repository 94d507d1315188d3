import { asWaaError, fail } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import type { ClientOutput } from '../layers/io.js';
import { hostIsSilent } from '../retry/silence.js';
import { attemptOf } from './attempt.js';
import type { TaskLease } from './queue.js';
import type { Task } from './task-index.js';
import type { WorkerJob } from './run-settings.js';

/** A first clean copy: Windows shuts down (3 min), 25 GB are copied (4 min on the smallest disk), with much room. */
const RESET_MS = 45 * 60_000;
/** One question to the host, with tries enough for a connection that broke. */
const ASK_MS = 60_000;

/** A worker about to begin an attempt. */
export interface CleanSlate {
  readonly ready: ClientOutput;
  /** What the reset took, Windows back and proven; undefined when there was none. */
  readonly resetMs: number | undefined;
}

/**
 * Brings Windows back to where every attempt of the run begins, and proves the worker again. An attempt that is on the
 * worker already is left alone: it is going to be attached to. A reset that fails is tried once more after a repair.
 * Raises WINDOWS_RESET_IMPOSSIBLE and what the second try, or the walk, raised.
 */
export async function cleanSlate(
  job: WorkerJob,
  task: Task,
  lease: TaskLease,
  ready: ClientOutput,
  prove: () => Promise<ClientOutput>,
): Promise<CleanSlate> {
  const { settings, worker } = job;
  const { clock, emit, config } = settings;
  const mode = config.benchmark.reset;
  if (mode === 'none' || (await isThere(job, task, lease, ready))) return { ready, resetMs: undefined };
  const beganAt = clock.now();
  emit('log', { component: 'benchmark' }, `resetting Windows before ${lease.task} (${mode})`, { worker: worker.name });
  let proven = ready;
  try {
    await reset(proven);
  } catch (error) {
    const fault = asWaaError(error);
    if (settings.signal.aborted || fault.isHopeless) throw error;
    emit('log', { component: 'benchmark' }, `the reset failed: ${fault.message}; once more after a repair`, {
      level: 'warn',
      worker: worker.name,
    });
    proven = await prove();
    await reset(proven);
  }
  proven = await prove();
  const resetMs = clock.now() - beganAt;
  emit(
    'task.reset',
    { task: lease.task, mode, durationMs: resetMs },
    `Windows was reset (${mode}) in ${Math.round(resetMs / 1000)} s`,
    { worker: worker.name },
  );
  return { ready: proven, resetMs };

  async function reset(target: ClientOutput): Promise<void> {
    using deadline = Deadline.after(RESET_MS, clock, settings.signal);
    if (!worker.reset)
      throw fail('WINDOWS_RESET_IMPOSSIBLE', { worker: worker.name, mode, reason: 'its Windows is out of reach' });
    await deadline.race(worker.reset(mode, target, deadline));
  }
}

async function isThere(
  { settings, worker }: WorkerJob,
  task: Task,
  lease: TaskLease,
  { address, dataDirectory }: ClientOutput,
): Promise<boolean> {
  if (!lease.again) return false;
  const { clock, retry, runId, signal, supervisor } = settings;
  using deadline = Deadline.after(ASK_MS, clock, signal);
  const attempt = { dataDirectory, run: runId, attempt: attemptOf(task, lease.attempt).id };
  const ask = async (own: Deadline): Promise<boolean> => {
    const { state } = await own.race(supervisor.status(await worker.link(own), attempt, own));
    return state !== 'absent';
  };
  return await retry('ssh', ask, {
    deadline,
    isRetryable: (error) => !error.isHopeless,
    silence: hostIsSilent(address, 'looking for the attempt before'),
  });
}
