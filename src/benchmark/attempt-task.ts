import { asWaaError } from '../failures/waa-error.js';
import { watch, type Watch } from '../health/watch.js';
import type { ClientOutput } from '../layers/io.js';
import { attemptOf, taskStart, type Attempt } from './attempt.js';
import { executeAttempt, type AttemptEnd } from './executor.js';
import { cleanSlate, type CleanSlate } from './isolation.js';
import { fetchAndJudge, forgetRemote, prepareReport } from './fetch-attempt.js';
import { keepLease, type LeaseKeeper } from './keep-lease.js';
import { putAgent } from './put-agent.js';
import type { TaskLease } from './queue.js';
import type { WorkerJob } from './run-settings.js';
import type { AttemptVerdict } from './scoring.js';
import { taskName, type Task } from './task-index.js';

export interface AttemptJob extends WorkerJob {
  /** The walk, for a worker that went out of sight. */
  bringUp(): Promise<ClientOutput>;
}

/** How an attempt ended, and its worker as the last walk proved it. */
export interface Attempted extends Pick<AttemptVerdict, 'state' | 'reason'> {
  readonly ready: ClientOutput;
}

/** Times a worker may drop out of sight during one attempt before the attempt counts as spoiled. */
const MAX_REATTACHMENTS = 3;

/**
 * One attempt from its reset and start to its record, results home. An attempt whose task went to another worker meanwhile
 * counts for nothing; what it left is kept. Gives the task back and raises what kept it from going on.
 */
export async function attemptTask(
  job: AttemptJob,
  task: Task,
  lease: TaskLease,
  ready: ClientOutput,
): Promise<Attempted> {
  const keeper = keepLease(job, lease);
  // What is attached to may run there, whatever fails here.
  let begun = lease.again;
  try {
    const slate = await keeper.during(() => cleanSlate(job, task, lease, ready, () => job.bringUp()));
    await keeper.during(() => putAgent(job, slate.ready));
    await job.queue.begin(lease, slate.resetMs);
    begun = true;
    return await attemptUnder(keeper, job, task, lease, slate);
  } catch (error) {
    const reason = job.settings.signal.aborted ? 'the run was stopped' : asWaaError(error).message;
    await job.queue.fail(lease, reason, begun);
    throw error;
  } finally {
    await keeper.stop();
  }
}

async function attemptUnder(
  keeper: LeaseKeeper,
  job: AttemptJob,
  task: Task,
  lease: TaskLease,
  { ready, resetMs = lease.resetMs }: CleanSlate,
): Promise<Attempted> {
  const { settings, worker, queue } = job;
  const { clock, emit } = settings;
  const name = lease.task;
  const attempt = attemptOf(task, lease.attempt);
  const before = job.doneBefore === 0 ? {} : { doneBefore: job.doneBefore };
  const place = { index: settings.tasks.indexOf(task) + 1, total: settings.tasks.length, ...before };
  emit(
    'task.started',
    { task: name, domain: task.domain, attempt: attempt.number, ...place },
    `${name} (attempt ${attempt.number})`,
    { worker: worker.name },
  );

  // Nothing may run over there that a power cut could make unknown here.
  await queue.flush();
  const { end, steps, known } = await followToTheEnd(job, keeper, attempt, ready);
  const judged = await keeper.during(() => fetchAndJudge(job, attempt, end, known));
  // The worker's own count where there is one: what passed between two controllers is not the task's.
  const durationMs = end.ranMs === undefined ? clock.now() - lease.begunAt : end.ranMs + (resetMs ?? 0);
  const reset = resetMs === undefined ? {} : { resetMs };
  if (!(await queue.complete(lease, { ...judged, durationMs, steps, ...reset }))) {
    const reason = `${attempt.id} ended after its task was given to another worker`;
    emit('log', { component: 'benchmark' }, reason, { level: 'warn', worker: worker.name });
    return { state: 'infra_error', reason, ready: known };
  }
  if (end.outcome !== 'start-failed' && !judged.left) {
    await queue.flush();
    await forgetRemote(job, attempt, known);
    if (judged.state !== 'infra_error') await prepareReport(job, attempt);
  }
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
      ...(end.ranMs === undefined ? {} : { ranMs: end.ranMs }),
      ...(judged.reason === '' ? {} : { reason: judged.reason }),
    },
    `${name} ${shown}`,
    { worker: worker.name, level: judged.state === 'infra_error' ? 'error' : 'info' },
  );
  return { state: judged.state, reason: judged.reason, ready: known };
}

interface Followed {
  readonly end: AttemptEnd;
  readonly steps: number;
  /** What the last walk proved. */
  readonly known: ClientOutput;
}

/** Follows the attempt; a worker out of sight is brought up again and the attempt attached to once more. */
async function followToTheEnd(
  job: AttemptJob,
  keeper: LeaseKeeper,
  attempt: Attempt,
  ready: ClientOutput,
): Promise<Followed> {
  const { settings, worker } = job;
  const { emit } = settings;
  let known = ready;
  let steps = 0;
  for (let round = 0; ; round += 1) {
    const watched = watchWorker(job, known);
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
      const end = await executeAttempt(
        {
          supervisor: settings.supervisor,
          clock: settings.clock,
          worker: worker.name,
          link: (deadline) => worker.link(deadline),
          signal: settings.signal,
          onAnswer() {
            keeper.heard();
          },
          onStep(step) {
            steps = step;
            const maxSteps = settings.config.agent.maxSteps;
            const task = taskName(attempt.task);
            emit('task.progress', { task, step, maxSteps }, `${task}: step ${step} of at most ${maxSteps}`, {
              worker: worker.name,
            });
          },
          interruption: () => (keeper.held ? watched?.fault : 'not-ours'),
        },
        start,
      );
      return { end, steps, known };
    } catch (error) {
      if (settings.signal.aborted) throw error;
      const fault = asWaaError(error);
      if (fault.code !== 'CLIENT_WORKER_UNREACHABLE') throw fault;
      if (round >= MAX_REATTACHMENTS) return { end: { outcome: 'lost', exitCode: undefined, fault }, steps, known };
      emit('log', { component: 'benchmark' }, `${fault.message}; bringing the worker up again`, {
        level: 'warn',
        worker: worker.name,
      });
    } finally {
      await watched?.stop();
    }
    known = await job.bringUp();
  }
}

/** Looks at the worker's layers while the attempt runs, where the worker can be looked at. */
function watchWorker({ settings, worker }: WorkerJob, known: ClientOutput): Watch | undefined {
  const look = worker.look?.bind(worker);
  if (!look) return undefined;
  return watch({ look: (deadline) => look(known, deadline), clock: settings.clock, signal: settings.signal });
}
