import type { SshLink } from '../clients/ssh/ssh.js';
import { asWaaError, fail, type WaaError } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import type { VmOutput } from '../layers/io.js';
import type { Session } from '../session.js';
import type { OpenDeployment } from './open-deployment.js';
import type { OpenWorker } from './open-worker.js';

/** One connect with its login, once. */
const REACH_MS = 60_000;

export interface ReachedWorker {
  readonly worker: OpenWorker;
  readonly vm: VmOutput;
  readonly link: SshLink;
}

/** What came of one worker. */
export interface WorkerAnswer<T> {
  readonly worker: string;
  readonly value?: T;
  readonly fault?: WaaError;
}

/** The workers of these names, or all. Raises OWN_WORKER_UNKNOWN. */
export function workersOf(open: OpenDeployment, names: readonly string[]): readonly OpenWorker[] {
  const known = open.workers.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw fail('OWN_WORKER_UNKNOWN', { deployment: open.record.name, worker: unknown, known: known.join(', ') });
  return names.length === 0 ? open.workers : open.workers.filter(({ name }) => names.includes(name));
}

/** Where a worker was last proven to be, and a link to it. Raises VM_SSH_*, VM_PAUSED and OWN_DEPLOYMENT_NOT_FOUND. */
export async function reachWorker(session: Session, open: OpenDeployment, worker: OpenWorker): Promise<ReachedWorker> {
  const vm = open.checkpoint.verified(worker.name, 'vm')?.outputs as VmOutput | undefined;
  if (!vm)
    throw fail('OWN_DEPLOYMENT_NOT_FOUND', { name: open.record.name, hint: 'Its VM was never ready: waa up --resume' });
  // A host of the user's own is there all the same.
  if (open.record.intent === 'paused' && !open.record.hosts) throw fail('VM_PAUSED', { deployment: open.record.name });
  using deadline = Deadline.after(REACH_MS, session.clock, session.signal);
  return { worker, vm, link: await worker.stack.link(vm.address, deadline) };
}

/** Asks workers at the same time. One alone raises its failure; of several each answers for itself. */
export async function askWorkers<T>(
  session: Session,
  open: OpenDeployment,
  names: readonly string[],
  ask: (reached: ReachedWorker) => Promise<T>,
): Promise<readonly WorkerAnswer<T>[]> {
  const workers = workersOf(open, names);
  const answers = await Promise.all(
    workers.map(async (worker): Promise<WorkerAnswer<T>> => {
      try {
        return { worker: worker.name, value: await ask(await reachWorker(session, open, worker)) };
      } catch (error) {
        if (workers.length === 1) throw error;
        return { worker: worker.name, fault: asWaaError(error) };
      }
    }),
  );
  session.signal.throwIfAborted();
  return answers;
}
