import { fail, type WaaError } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import type { ClientOutput } from '../layers/io.js';
import { attemptTask } from './attempt-task.js';
import type { WorkerJob } from './run-settings.js';
import { taskName } from './task-index.js';

/** The walk has budgets of its own; this one only ends a walk that never ends. */
const READY_MS = 2 * 60 * 60_000;
/** How often a worker without a task asks again. */
const IDLE_MS = 5_000;
/** Whoever is idle takes what this worker has spoiled; it asks again only when every other one must have asked. */
const YIELD_MS = 2 * IDLE_MS;
/** Different tasks that a worker may spoil in a row. The same one again and again may be the task's own fault. */
const MAX_SPOILED = 3;
/** How long a worker that was taken out rests before it may try one task; twice as long after each trial that fails. */
const REST_MS = 10 * 60_000;

/**
 * Takes tasks from the queue until none is left, or the budget allows no more. A worker that spoils three in a row rests
 * while others are at work, then tries one: where one attempt in ten fails, one run of 154 tasks in seven has three in a
 * row on a worker that is well. Raises what `ensureReady` raised, what kept results from coming home (the task is given back
 * before), and CLIENT_WORKER_TAKEN_OUT when nobody else is at work.
 */
export async function workThrough(job: WorkerJob): Promise<void> {
  const { settings, queue, worker } = job;
  const { clock } = settings;
  const tasks = new Map(settings.tasks.map((task) => [taskName(task), task]));
  let spoiled = new Set<string>();
  let restMs = REST_MS;
  let walked = false;
  let yieldUntil = 0;
  let ready: ClientOutput | undefined;
  for (;;) {
    settings.signal.throwIfAborted();
    const { pending, leased } = await queue.observe();
    if (pending + leased === 0) return;
    // A worker is made fit before it takes a task: no task waits for the end of a repair. The first time it may have one.
    if (!ready && (pending > 0 || !walked)) ready = await ensureReady(job);
    walked = true;
    if (clock.now() < yieldUntil) await clock.sleep(yieldUntil - clock.now(), settings.signal);
    const affordable = job.budget.allowsTask();
    const lease = ready && (await queue.claim(worker.name, affordable ? undefined : 'own'));
    if (!ready || !lease) {
      if (!affordable) {
        job.budget.tell(pending);
        return;
      }
      await clock.sleep(IDLE_MS, settings.signal);
      continue;
    }
    const task = tasks.get(lease.task);
    if (!task) throw fail('BUG', { what: `the queue gave ${lease.task}, which is not in the run` });
    const attempted = await attemptTask({ ...job, bringUp: () => ensureReady(job) }, task, lease, ready);
    ready = attempted.ready;
    if (attempted.state !== 'infra_error') {
      spoiled = new Set();
      restMs = REST_MS;
      continue;
    }
    // Whatever comes next begins with a walk: something on this worker is broken.
    ready = undefined;
    yieldUntil = clock.now() + YIELD_MS;
    spoiled.add(lease.task);
    if (spoiled.size >= MAX_SPOILED) {
      const params = { worker: worker.name, failures: spoiled.size, last: attempted.reason };
      await rest(job, restMs, fail('CLIENT_WORKER_TAKEN_OUT', params));
      restMs *= 2;
    }
  }
}

/** Out of the crew for a while. Raises `reason` when nobody else is left in it. */
async function rest({ settings, worker, crew, done }: WorkerJob, ms: number, reason: WaaError): Promise<void> {
  crew.delete(worker.name);
  if (crew.size === 0) throw reason;
  const { clock, emit, signal } = settings;
  const again = `it may try one task in ${Math.round(ms / 60_000)} min`;
  emit('log', { component: 'benchmark' }, `${reason.message}; ${again}`, { level: 'error', worker: worker.name });
  await clock.sleep(ms, AbortSignal.any([signal, done]));
  crew.add(worker.name);
}

/** Brings the worker up and writes down what it is: results of another image or client could not be compared. */
async function ensureReady({ settings, worker, store, done }: WorkerJob): Promise<ClientOutput> {
  using deadline = Deadline.after(READY_MS, settings.clock, AbortSignal.any([settings.signal, done]));
  const ready = await deadline.race(worker.ensureReady(deadline));
  const { image, imageId, dockurVersion, clientRevision, acceleration, cpuCores, memoryMb, screen } = ready;
  const facts = { image, imageId, dockurVersion, clientRevision, acceleration, cpuCores, memoryMb, screen };
  await store.learn({ worker: worker.name, at: new Date(settings.clock.now()).toISOString(), ...facts });
  return ready;
}
