import { asWaaError, fail } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import type { AttemptRef } from '../host/task-supervisor.js';
import type { ClientOutput } from '../layers/io.js';
import { attemptOf, taskStart, type Attempt } from './attempt.js';
import { tellBudget, withinBudget } from './budget.js';
import { executeAttempt, type AttemptEnd } from './executor.js';
import { cleanSlate, type CleanSlate } from './isolation.js';
import { keepLease } from './keep-lease.js';
import type { RunQueue, TaskLease } from './queue.js';
import { bringHome, dropScreenshots, readTrace } from './results.js';
import type { RunSettings, RunWorker } from './run.js';
import { putAgent } from './put-agent.js';
import { agentSettings, ignoredSettings } from './run-py.js';
import type { RunStore } from './run-store.js';
import { verdict, type AttemptVerdict } from './scoring.js';
import { taskName, type Task } from './task-index.js';

export interface WorkerJob {
  readonly settings: RunSettings;
  readonly worker: RunWorker;
  readonly queue: RunQueue;
  readonly store: RunStore;
  /** Workers in the run, all of which cost money. */
  readonly workers: number;
}

/** The walk has budgets of its own; this one only ends a walk that never ends. */
const READY_MS = 2 * 60 * 60_000;
const HOME_MS = 10 * 60_000;
const FORGET_MS = 30_000;
/** How often a worker without a task asks again. */
const IDLE_MS = 5_000;

/** Times a worker may drop out of sight during one attempt before the attempt counts as spoiled. */
const MAX_REATTACHMENTS = 3;
/** Different tasks that a worker may spoil in a row. The same one again and again may be the task's own fault. */
const MAX_SPOILED = 3;

/**
 * Takes tasks from the queue until none is left, or the budget allows no more. Raises what `ensureReady` raised (the task is
 * given back before), what kept results from coming home, and CLIENT_WORKER_TAKEN_OUT.
 */
export async function workThrough(job: WorkerJob): Promise<void> {
  const { settings, queue, worker } = job;
  const tasks = new Map(settings.tasks.map((task) => [taskName(task), task]));
  let spoiled = new Set<string>();
  let ready: ClientOutput | undefined;
  for (;;) {
    settings.signal.throwIfAborted();
    const { pending, leased } = await queue.observe();
    if (pending + leased === 0) return;
    const affordable = withinBudget(job);
    const lease = await queue.claim(worker.name, affordable ? undefined : 'own');
    if (!lease) {
      if (!affordable) {
        tellBudget(job, pending);
        return;
      }
      await settings.clock.sleep(IDLE_MS, settings.signal);
      continue;
    }
    const task = tasks.get(lease.task);
    if (!task) throw fail('BUG', { what: `the queue gave ${lease.task}, which is not in the run` });
    const keeper = keepLease(job, lease);
    let last = '';
    try {
      ready ??= await ensureReady(job);
      const slate = await cleanSlate(job, task, lease, ready, () => ensureReady(job));
      ready = slate.ready;
      await putAgent(job, ready);
      const { state, reason } = await attemptTask(job, task, lease, slate);
      last = reason;
      spoiled = state === 'infra_error' ? spoiled.add(lease.task) : new Set();
      // The next attempt, of whatever task, begins with a walk: something on this worker is broken.
      if (state === 'infra_error') ready = undefined;
    } catch (error) {
      await queue.fail(lease, asWaaError(error).message);
      throw error;
    } finally {
      await keeper.stop();
    }
    if (spoiled.size >= MAX_SPOILED)
      throw fail('CLIENT_WORKER_TAKEN_OUT', { worker: worker.name, failures: spoiled.size, last });
  }
}

/** One attempt from its start to its record, results home. */
async function attemptTask(
  job: WorkerJob,
  task: Task,
  lease: TaskLease,
  { ready, resetMs }: CleanSlate,
): Promise<AttemptVerdict> {
  const { settings, worker, queue } = job;
  const { clock, emit } = settings;
  const name = lease.task;
  const attempt = attemptOf(task, lease.attempt);
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
  const durationMs = clock.now() - lease.begunAt;
  if (!(await queue.complete(lease, { ...judged, durationMs, steps, ...(resetMs === undefined ? {} : { resetMs }) })))
    emit('log', { component: 'benchmark' }, `${attempt.id} ended after its task was given to another worker`, {
      level: 'warn',
      worker: worker.name,
    });
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
      settings.agent,
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
  const trace = await readTrace(directory, end, attempt.task);
  const [ignored] = ignoredSettings(trace.log, agentSettings(settings.config), settings.agent?.sha256) ?? [];
  if (ignored) throw fail('CLIENT_SETTING_IGNORED', { attempt: attempt.id, ...ignored });
  const judged = verdict(trace);
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

/** Brings the worker up and writes down what it is: results of another image or client could not be compared. */
async function ensureReady({ settings, worker, store }: WorkerJob): Promise<ClientOutput> {
  using deadline = Deadline.after(READY_MS, settings.clock, settings.signal);
  const ready = await worker.ensureReady(deadline);
  const { image, imageId, dockurVersion, clientRevision, acceleration, cpuCores, memoryMb, screen } = ready;
  const facts = { image, imageId, dockurVersion, clientRevision, acceleration, cpuCores, memoryMb, screen };
  await store.learn({ worker: worker.name, at: new Date(settings.clock.now()).toISOString(), ...facts });
  return ready;
}
