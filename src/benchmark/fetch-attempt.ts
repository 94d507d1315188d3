import { counted } from '../counted.js';
import { asWaaError, fail, type WaaError } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import type { AttemptRef } from '../host/task-supervisor.js';
import type { ClientOutput } from '../layers/io.js';
import type { Attempt } from './attempt.js';
import type { AttemptEnd } from './executor.js';
import { preparePictures } from './report/collect-steps.js';
import { bringHome, dropScreenshots, readTrace, type Home } from './results.js';
import { agentSettings, ignoredSettings } from './run-py.js';
import type { WorkerJob } from './run-settings.js';
import { verdict, type AttemptVerdict } from './scoring.js';
import { taskName } from './task-index.js';

/** All tries at taking one attempt's files home, of which each may take five minutes. */
const HOME_MS = 10 * 60_000;
/** Deleting a folder on the worker; one that stays costs space only. */
const FORGET_MS = 30_000;

export interface Judged extends AttemptVerdict {
  /** Its files are no results one takes home; they stay on the worker. */
  readonly left?: true;
}

/**
 * Results home, then the verdict. An attempt that never began has nothing to fetch; files that no worker could hand out
 * safely stay where they are, and the verdict says so. Raises what kept results from home.
 */
export async function fetchAndJudge(
  job: WorkerJob,
  attempt: Attempt,
  end: AttemptEnd,
  ready: ClientOutput,
): Promise<Judged> {
  const { settings, store } = job;
  const directory = store.folders.attemptDirectory(attempt.id);
  const withheld = await takeHome(job, attempt, end, remoteOf(job, attempt, ready));
  const trace = await readTrace(directory, end, attempt.task, withheld?.message);
  const [ignored] = ignoredSettings(trace.log, agentSettings(settings.config), settings.agent?.sha256) ?? [];
  if (ignored) throw fail('CLIENT_SETTING_IGNORED', { attempt: attempt.id, ...ignored });
  const judged = verdict(trace);
  if (!settings.config.benchmark.keepScreenshots) await dropScreenshots(directory);
  const reason = end.fault && judged.state === 'infra_error' ? end.fault.message : judged.reason;
  return { ...judged, reason, ...(withheld ? { left: true } : {}) };
}

/** CLIENT_RESULTS_UNSAFE when the files stay where they are: another worker, or another try, would not change that. */
async function takeHome(
  job: WorkerJob,
  attempt: Attempt,
  end: AttemptEnd,
  remote: AttemptRef,
): Promise<WaaError | undefined> {
  const { settings, worker, store } = job;
  if (end.outcome === 'start-failed' || end.fault?.code === 'CLIENT_WORKER_UNREACHABLE') return undefined;
  const name = taskName(attempt.task);
  try {
    const home = await fetchResults(job, remote, store.folders.attemptDirectory(attempt.id), end);
    if (!home) return undefined;
    const told = { task: name, attempt: attempt.number, ...home };
    settings.emit('results.home', told, `${name}: ${counted(home.files, 'file')} home`, { worker: worker.name });
    return undefined;
  } catch (error) {
    const fault = asWaaError(error);
    if (fault.code !== 'CLIENT_RESULTS_UNSAFE') throw error;
    const text = `${fault.message}; they stay on the worker, and the run goes on`;
    settings.emit('log', { component: 'benchmark' }, text, { level: 'warn', worker: worker.name });
    return fault;
  }
}

/** Undefined when a lost attempt left nothing that could be fetched. */
async function fetchResults(
  { settings, worker }: WorkerJob,
  remote: AttemptRef,
  directory: string,
  end: AttemptEnd,
): Promise<Home | undefined> {
  const { supervisor, retry, clock, signal } = settings;
  using deadline = Deadline.after(HOME_MS, clock, signal);
  try {
    return await retry(
      'fileTransfer',
      async (own) => {
        const link = await worker.link(own);
        return bringHome(supervisor, link, remote, directory, own);
      },
      { deadline, isRetryable: (error) => !error.isHopeless },
    );
  } catch (error) {
    const fault = asWaaError(error);
    if (signal.aborted || end.outcome !== 'lost' || fault.code === 'CLIENT_RESULTS_UNSAFE') throw error;
    const text = `nothing could be fetched of the lost attempt ${remote.attempt}: ${fault.message}`;
    settings.emit('log', { component: 'benchmark' }, text, { level: 'warn', worker: worker.name });
    return undefined;
  }
}

/** Half of what a report costs, done while the workers are busy. The report makes what is missing. */
export async function prepareReport({ settings, store, worker }: WorkerJob, attempt: Attempt): Promise<void> {
  if (!settings.config.benchmark.keepScreenshots) return;
  try {
    await preparePictures(attempt.id, settings.tasks.length, store.folders);
  } catch (error) {
    const text = `the pictures of ${attempt.id} could not be made small: ${asWaaError(error).message}`;
    settings.emit('log', { component: 'benchmark' }, text, { level: 'warn', worker: worker.name });
  }
}

/** Frees the worker's disk of an attempt that is home. What cannot be removed is only in the way, not lost. */
export async function forgetRemote(job: WorkerJob, attempt: Attempt, ready: ClientOutput): Promise<void> {
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
