import { asWaaError } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import type { AttemptRef } from '../host/task-supervisor.js';
import type { ClientOutput } from '../layers/io.js';
import { attemptOf, taskStart, type Attempt } from './attempt.js';
import { executeAttempt, type AttemptEnd } from './executor.js';
import type { TaskQueue } from './queue.js';
import { bringHome, dropScreenshots, readTrace } from './results.js';
import type { RunSettings, RunWorker } from './run.js';
import { standings } from './run-record.js';
import type { RunStore } from './run-store.js';
import { verdict, type AttemptVerdict } from './scoring.js';
import { taskName, type Task } from './task-index.js';

export interface WorkerJob {
  readonly settings: RunSettings;
  readonly worker: RunWorker;
  readonly queue: TaskQueue;
  readonly store: RunStore;
  /** How often each task was spoiled by the infrastructure, over all workers. */
  readonly spoiled: Map<string, number>;
}

/** The walk has budgets of its own; this one only ends a walk that never ends. */
const READY_MS = 2 * 60 * 60_000;
const HOME_MS = 10 * 60_000;
const FORGET_MS = 30_000;

/** Times a worker may drop out of sight during one attempt before the attempt counts as spoiled. */
const MAX_REATTACHMENTS = 3;

/**
 * Takes tasks from the queue until none is left. Raises what `ensureReady` raised (the task is given back before), and
 * what kept results from coming home.
 */
export async function workThrough(job: WorkerJob): Promise<void> {
  const { settings, queue, spoiled } = job;
  let ready: ClientOutput | undefined;
  for (;;) {
    settings.signal.throwIfAborted();
    const task = queue.take();
    if (!task) {
      if (queue.taken === 0) return;
      await queue.changed();
      continue;
    }
    try {
      ready ??= await ensureReady(job);
      const { state } = await attemptTask(job, task, ready);
      const failures = spoiled.get(taskName(task)) ?? 0;
      if (state === 'infra_error') {
        // The next attempt, of whatever task, begins with a walk: something on this worker is broken.
        ready = undefined;
        spoiled.set(taskName(task), failures + 1);
      }
      if (state === 'infra_error' && failures < settings.config.benchmark.infraRetries) queue.giveBack(task);
      else queue.settle(task);
    } catch (error) {
      queue.giveBack(task);
      throw error;
    }
  }
}

/** One attempt from its start to its record, results home. */
async function attemptTask(job: WorkerJob, task: Task, ready: ClientOutput): Promise<AttemptVerdict> {
  const { settings, worker, store } = job;
  const { clock, emit } = settings;
  const name = taskName(task);
  const standing = standings(store.lines).get(name);
  const attempt = attemptOf(task, standing?.open ?? (standing?.attempts ?? 0) + 1);
  const startedAt = startOf(store, name, attempt.number) ?? clock.now();
  const line = { task: name, attempt: attempt.number, worker: worker.name };
  if (standing?.open === undefined) await store.append({ type: 'started', at: startedAt, ...line });
  const place = { index: settings.tasks.indexOf(task) + 1, total: settings.tasks.length };
  emit(
    'task.started',
    { task: name, domain: task.domain, attempt: attempt.number, ...place },
    `${name} (attempt ${attempt.number})`,
    { worker: worker.name },
  );

  let steps = 0;
  const end = await followToTheEnd(job, attempt, ready, (step) => {
    steps = step;
    const maxSteps = settings.config.agent.maxSteps;
    emit('task.progress', { task: name, step, maxSteps }, `${name}: step ${step} of at most ${maxSteps}`, {
      worker: worker.name,
    });
  });
  const judged = await fetchAndJudge(job, attempt, end, ready);
  const durationMs = clock.now() - startedAt;
  await store.append({ type: 'finished', at: clock.now(), ...line, ...judged, durationMs, steps });
  if (end.outcome !== 'start-failed') await forgetRemote(job, attempt, ready);
  const shown = judged.state === 'scored' ? `scored ${judged.score ?? 0}` : `${judged.state}: ${judged.reason}`;
  emit(
    'task.finished',
    {
      task: name,
      domain: task.domain,
      attempt: attempt.number,
      state: judged.state,
      score: judged.score,
      durationMs,
      ...(judged.reason === '' ? {} : { reason: judged.reason }),
    },
    `${name} ${shown}`,
    { worker: worker.name, level: judged.state === 'infra_error' ? 'error' : 'info' },
  );
  return judged;
}

/** Follows the attempt; a worker out of sight is brought up again and the attempt attached to once more. */
async function followToTheEnd(
  job: WorkerJob,
  attempt: Attempt,
  ready: ClientOutput,
  onStep: (step: number) => void,
): Promise<AttemptEnd> {
  const { settings, worker } = job;
  let known = ready;
  for (let round = 0; ; round += 1) {
    const start = taskStart(
      settings.runId,
      attempt,
      settings.config,
      known,
      settings.apiKey,
      settings.container ?? 'winarena',
    );
    try {
      return await executeAttempt(
        {
          supervisor: settings.supervisor,
          clock: settings.clock,
          worker: worker.name,
          link: (deadline) => worker.link(deadline),
          signal: settings.signal,
          onStep,
        },
        start,
      );
    } catch (error) {
      if (settings.signal.aborted) throw error;
      const fault = asWaaError(error);
      if (fault.code !== 'CLIENT_WORKER_UNREACHABLE') throw fault;
      if (round >= MAX_REATTACHMENTS) return { outcome: 'lost', exitCode: undefined, fault };
      settings.emit('log', { component: 'benchmark' }, `${fault.message}; bringing the worker up again`, {
        level: 'warn',
        worker: worker.name,
      });
      known = await ensureReady(job);
    }
  }
}

/** Results home, then the verdict. An attempt that never began has nothing to fetch. */
async function fetchAndJudge(
  job: WorkerJob,
  attempt: Attempt,
  end: AttemptEnd,
  ready: ClientOutput,
): Promise<AttemptVerdict> {
  const { settings, worker, store } = job;
  const directory = store.attemptDirectory(attempt.id);
  const name = taskName(attempt.task);
  if (end.outcome !== 'start-failed' && end.fault?.code !== 'CLIENT_WORKER_UNREACHABLE') {
    const home = await fetchResults(job, remoteOf(job, attempt, ready), directory, end);
    if (home)
      settings.emit(
        'results.home',
        { task: name, attempt: attempt.number, ...home },
        `${name}: ${home.files} files home`,
        { worker: worker.name },
      );
  }
  const judged = verdict(await readTrace(directory, end));
  if (!settings.config.benchmark.keepScreenshots) await dropScreenshots(directory);
  return end.fault && judged.state === 'infra_error' ? { ...judged, reason: end.fault.message } : judged;
}

/** Undefined when a lost attempt left nothing that could be fetched. */
async function fetchResults(
  { settings, worker }: WorkerJob,
  remote: AttemptRef,
  directory: string,
  end: AttemptEnd,
): Promise<{ readonly files: number; readonly bytes: number } | undefined> {
  const { supervisor, retry, clock, signal } = settings;
  using deadline = Deadline.after(HOME_MS, clock, signal);
  try {
    return await retry(
      'resultsHome',
      async (own) => {
        const link = await worker.link(own);
        return bringHome(supervisor, link, remote, directory, own);
      },
      { deadline, isRetryable: (error) => error.disposition !== 'permanent' && error.disposition !== 'bug' },
    );
  } catch (error) {
    if (signal.aborted || end.outcome !== 'lost') throw error;
    const text = `nothing could be fetched of the lost attempt ${remote.attempt}: ${asWaaError(error).message}`;
    settings.emit('log', { component: 'benchmark' }, text, { level: 'warn', worker: worker.name });
    return undefined;
  }
}

/** Frees the worker's disk of an attempt that is home. What cannot be removed is only in the way, not lost. */
async function forgetRemote(job: WorkerJob, attempt: Attempt, ready: ClientOutput): Promise<void> {
  const { clock, emit, signal, supervisor } = job.settings;
  using deadline = Deadline.after(FORGET_MS, clock, signal);
  try {
    await deadline.race(supervisor.remove(await job.worker.link(deadline), remoteOf(job, attempt, ready), deadline));
  } catch (error) {
    if (signal.aborted) return;
    const text = `attempt ${attempt.id} could not be removed from the worker: ${asWaaError(error).message}`;
    emit('log', { component: 'benchmark' }, text, { level: 'warn', worker: job.worker.name });
  }
}

function remoteOf(job: WorkerJob, attempt: Attempt, ready: ClientOutput): AttemptRef {
  return { dataDirectory: ready.dataDirectory, run: job.settings.runId, attempt: attempt.id };
}

function ensureReady({ settings, worker }: WorkerJob): Promise<ClientOutput> {
  const deadline = Deadline.after(READY_MS, settings.clock, settings.signal);
  return worker.ensureReady(deadline).finally(() => {
    deadline[Symbol.dispose]();
  });
}

function startOf(store: RunStore, task: string, attempt: number): number | undefined {
  return store.lines.find((line) => line.type === 'started' && line.task === task && line.attempt === attempt)?.at;
}
