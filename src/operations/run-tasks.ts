import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { AgentBundle } from '../benchmark/agent-directory.js';
import { setupLog } from '../benchmark/report/diagnostics.js';
import { RUN_JOURNAL, SETUP_LOG } from '../benchmark/report/write-report.js';
import { runOnWorkers } from '../benchmark/run.js';
import type { RunWorker } from '../benchmark/run-settings.js';
import { selectTasks, type TaskSelection } from '../benchmark/select-tasks.js';
import type { RunSummary } from '../benchmark/summary.js';
import { shippedTaskFiles, shippedTaskIndex, type Task } from '../benchmark/task-index.js';
import type { Secret } from '../config/secret.js';
import { createJournal, readJournal } from '../events/journal.js';
import { fail } from '../failures/waa-error.js';
import type { ClientOutput } from '../layers/io.js';
import type { Session } from '../session.js';
import { writePrivate } from '../state/store.js';
import { watchLayers } from '../layers/watch-layers.js';
import type { Tell } from '../tell.js';
import { bringUpWorker, walkOptions } from './walk-worker.js';
import { leaseKeeper } from './lease-keeper.js';
import { pauseWhenIdle } from './idle.js';
import type { OpenDeployment } from './open-deployment.js';
import type { OpenWorker } from './open-worker.js';
import { asOperation } from './operation.js';
import { refuseOthersOn } from './others-runs.js';
import { runConditions } from './run-conditions.js';
import { watchEvictions } from './watch-evictions.js';
import { runMachines } from './run-prices.js';
import { lookAtSpend } from './spend.js';
import { durationKeeper, expectedDurations } from './task-durations.js';

/**
 * Resolves `--tasks` and its narrowing: files relative to where the user stands. What a file names twice is a warning,
 * unless somebody else wants to `tell` it. Raises CLIENT_TASK_*.
 */
export function chooseTasks(
  session: Session,
  sources: readonly string[],
  narrowing: Omit<TaskSelection, 'sources'> = {},
  tell: Tell = (note) => {
    session.emit('log', { component: 'benchmark' }, note, { level: 'warn' });
  },
): Promise<readonly Task[]> {
  const read = async (path: string): Promise<string | undefined> => {
    try {
      return await readFile(resolve(session.surroundings.cwd, path), 'utf8');
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined;
      throw fail(
        'CLIENT_TASK_FILE_NOT_FOUND',
        { path, shipped: Object.keys(shippedTaskFiles).join(', ') },
        { cause: error },
      );
    }
  };
  return selectTasks({ sources, ...narrowing }, shippedTaskIndex(), read, tell);
}

export interface RunTasksRequest {
  readonly runId: string;
  readonly tasks: readonly Task[];
  /** What was asked for, for the record. */
  readonly selection: TaskSelection;
  readonly agent?: AgentBundle | undefined;
}

/**
 * Runs tasks on the workers of a deployment, or resumes the run of that id; results come home as tasks end. The journal of
 * the run holds the operation from its beginning.
 */
export async function runTasks(session: Session, open: OpenDeployment, request: RunTasksRequest): Promise<RunSummary> {
  const { apiKey, apiKeyVariable, config, paths, redact } = session;
  if (!apiKey) throw fail('CLIENT_KEY_MISSING', { variable: apiKeyVariable, provider: config.model.provider });
  const { name, spot } = open.record;
  session.observe(leaseKeeper(session, open));
  session.observe(durationKeeper(session));
  if (spot === true) session.observe(watchEvictions(session, open));
  session.observe(createJournal({ file: join(paths.run(request.runId).directory, RUN_JOURNAL), redact }));
  return asOperation(session, { operation: 'run', deployment: name, totalSteps: request.tasks.length }, () =>
    runWith(session, open, request, apiKey),
  );
}

async function runWith(
  session: Session,
  open: OpenDeployment,
  request: RunTasksRequest,
  apiKey: Secret,
): Promise<RunSummary> {
  const { clock, config, emit, paths, redact, retry } = session;
  const { record, signal, workers } = open;
  const { runId, tasks, agent } = request;
  const [first] = workers;
  if (!first) throw fail('BUG', { what: 'a deployment without workers' });
  const { directory } = paths.run(runId);
  const { events } = await readJournal(paths.deployment(record.name).journal);
  await writePrivate(join(directory, SETUP_LOG), redact(setupLog(events)), 'the log of the set-up');
  const startedAtMs = clock.now();
  await lookAtSpend(session, record, startedAtMs);
  const { prices, vmSizes } = await runMachines(session, record);
  const summary = await runOnWorkers(
    {
      runId,
      runDirectory: directory,
      deployment: record.name,
      tasks,
      supervisor: first.stack.supervisor,
      apiKey,
      config,
      clock,
      emit,
      retry,
      signal,
      expectedMs: expectedDurations(session, tasks),
      prices,
      agent,
      conditions: runConditions(session, record, vmSizes, request),
    },
    workers.map((worker) => runWorker(session, open, worker)),
  );
  await pauseWhenIdle(session, open);
  await lookAtSpend(session, record, startedAtMs);
  return summary;
}

/** A worker as the run sees it: made ready by the walk, reached over its one connection. */
function runWorker(session: Session, open: OpenDeployment, worker: OpenWorker): RunWorker {
  let known: ClientOutput | undefined;
  return {
    name: worker.name,
    async ensureReady(deadline) {
      known = await bringUpWorker(session, open, worker, deadline);
      await refuseOthersOn(session, worker, known, 'at work', deadline);
      return known;
    },
    reset: (mode, target, deadline) => worker.stack.reset(mode, target, deadline),
    look: (ready, deadline) => watchLayers(walkOptions(session, open, worker, deadline), ready, deadline),
    async link(deadline) {
      if (!known) throw fail('BUG', { what: 'a link was asked for before the worker was ready' });
      return worker.stack.link(known.address, deadline);
    },
  };
}
