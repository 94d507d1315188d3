import type { SshLink } from '../clients/ssh/ssh.js';
import type { Clock } from '../clock/clock.js';
import type { Config } from '../config/schema.js';
import type { Secret } from '../config/secret.js';
import type { Emit } from '../events/bus.js';
import { asWaaError, fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { TaskSupervisor } from '../host/task-supervisor.js';
import type { ClientOutput } from '../layers/io.js';
import type { Retrier } from '../retry/retry.js';
import type { AgentBundle } from './agent-directory.js';
import type { RunPrices } from './cost.js';
import { createRunQueue, LEASE_MS } from './queue.js';
import type { RunConditions, RunHead } from './run-record.js';
import { openRunStore } from './run-store.js';
import { summarise, type RunSummary } from './summary.js';
import { createTaskIndex, taskName, type Task } from './task-index.js';
import { workThrough } from './worker.js';

/** One worker as the run needs it. */
export interface RunWorker {
  readonly name: string;
  /** Brings every layer to ready: the walk. Raises what could not be brought up. */
  ensureReady(deadline: Deadline): Promise<ClientOutput>;
  /** Brings Windows back before a task, where that is possible. `ensureReady` then waits for it. */
  reset?(mode: Config['benchmark']['reset'], target: ClientOutput, deadline: Deadline): Promise<void>;
  /** A live SSH link; another one when the last broke. */
  link(deadline: Deadline): Promise<SshLink>;
}

/** What all workers of a run share. */
export interface RunSettings {
  readonly runId: string;
  /** Deployment the workers belong to. */
  readonly deployment: string;
  /** The run's own folder; an existing one is resumed. */
  readonly runDirectory: string;
  readonly tasks: readonly Task[];
  readonly supervisor: TaskSupervisor;
  readonly apiKey: Secret;
  readonly config: Config;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly retry: Retrier;
  readonly signal: AbortSignal;
  /** Name of the container on every worker. Default `winarena`. */
  readonly container?: string;
  /** Durations of earlier runs by task name, in ms: longest first. */
  readonly expectedMs?: ReadonlyMap<string, number>;
  /** What a worker costs, for the report. */
  readonly prices?: RunPrices | undefined;
  readonly conditions?: RunConditions;
  /** The user's own agent in place of run.py's. */
  readonly agent?: AgentBundle | undefined;
}

export interface RunRequest extends RunSettings {
  readonly worker: RunWorker;
}

/**
 * Runs every task once on one worker, or resumes the run of that folder: finished tasks are kept, an attempt that was
 * running is attached to again, what the infrastructure spoiled is repeated. Results are home before anything remote is
 * deleted. Raises CLIENT_RUN_*, what `ensureReady` raised when the worker cannot be brought up, and the abort reason;
 * in every case the folder holds all that is known and the run can be resumed.
 */
export function runBenchmark(request: RunRequest): Promise<RunSummary> {
  return runOnWorkers(request, [request.worker]);
}

/** The same over several workers with one queue. A worker that fails gives its task back; the run fails with the last one. */
export async function runOnWorkers(settings: RunSettings, workers: readonly RunWorker[]): Promise<RunSummary> {
  if (settings.tasks.length === 0) throw fail('CLIENT_TASK_FILE_EMPTY', { path: 'the selection' });
  const { clock, config, emit } = settings;
  const store = await openRunStore(settings.runDirectory, headOf(settings));
  try {
    await store.append({ type: 'opened', at: clock.now(), workers: workers.map((worker) => worker.name) });
    const queue = createRunQueue({
      tasks: settings.tasks.map(taskName),
      lines: store.lines,
      append: (line) => store.append(line),
      expectedMs: settings.expectedMs ?? new Map(),
      infraRetries: config.benchmark.infraRetries,
      leaseMs: LEASE_MS + clock.slackMs,
      clock,
    });
    const work = workers.map(async (worker) => {
      try {
        await workThrough({ settings, worker, queue, store, workers: workers.length });
      } catch (error) {
        if (!settings.signal.aborted)
          emit('log', { component: 'benchmark' }, `${worker.name} leaves the run: ${asWaaError(error).message}`, {
            level: 'error',
            worker: worker.name,
          });
        throw error;
      }
    });
    const outcomes = await Promise.allSettled(work);
    const summary = summarise(store.head, store.lines, createTaskIndex(settings.tasks));
    settings.signal.throwIfAborted();
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed && !summary.complete) throw failed.reason;
    return summary;
  } finally {
    await store.close();
  }
}

function headOf({ runId, deployment, tasks, config, clock, prices, conditions, agent }: RunSettings): RunHead {
  return {
    runId,
    deployment,
    createdAt: new Date(clock.now()).toISOString(),
    tasks: tasks.map(taskName),
    agent: agent?.name ?? config.agent.name,
    ...(agent === undefined
      ? {}
      : { ownAgent: { name: agent.name, sha256: agent.sha256, files: agent.files, bytes: agent.bytes } }),
    provider: config.model.provider,
    model: config.model.name,
    maxSteps: config.agent.maxSteps,
    taskTimeoutS: config.benchmark.taskTimeoutS,
    reset: config.benchmark.reset,
    ...(prices === undefined ? {} : { prices }),
    ...(conditions === undefined ? {} : { conditions }),
  };
}
