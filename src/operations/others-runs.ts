import { asWaaError, fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { VmOutput } from '../layers/io.js';
import type { Session } from '../session.js';
import type { OpenDeployment } from './open-deployment.js';
import type { OpenWorker } from './open-worker.js';
import { runIds } from './runs.js';
import { inspectWorker } from './walk-worker.js';

/** Two looks and one question. A worker that is not reached within it has nobody at work on it either. */
const ASK_MS = 2 * 60_000;

/** What counts: a run that somebody follows, or everything that would be lost with the worker. */
export type OthersWork = 'at work' | 'kept';

/**
 * A deployment may be known in several state homes, each with runs of its own, and a lock reaches no farther than its home.
 * So the worker is asked: raises OWN_RUN_OF_OTHERS where it serves, or has results of, a run that is unknown here.
 */
export async function refuseOthersOn(
  session: Session,
  { name, stack }: OpenWorker,
  { address, dataDirectory }: Pick<VmOutput, 'address' | 'dataDirectory'>,
  what: OthersWork,
  deadline: Deadline,
): Promise<void> {
  const link = await stack.link(address, deadline);
  const [known, there] = await Promise.all([
    runIds(session.paths),
    stack.supervisor.runs(link, dataDirectory, deadline),
  ]);
  const others = there.filter(({ run, watched }) => !known.includes(run) && (watched || what === 'kept'));
  const first = others.find(({ watched }) => watched) ?? others[0];
  if (!first) return;
  const state = first.watched ? 'is at work for' : 'holds results of';
  throw fail('OWN_RUN_OF_OTHERS', { worker: name, run: first.run, state });
}

/**
 * Asks every worker, or those of these names, before it is taken away. One that cannot be asked is passed over: nobody is at
 * work on it, and what its disk holds is not known. Raises OWN_RUN_OF_OTHERS.
 */
export async function refuseOthers(
  session: Session,
  open: OpenDeployment,
  what: OthersWork,
  given: Deadline,
  names: readonly string[] = open.workers.map(({ name }) => name),
): Promise<void> {
  const asked = open.workers.filter(({ name }) => names.includes(name));
  await Promise.all(
    asked.map(async (worker) => {
      using deadline = given.child(ASK_MS);
      try {
        const { layers } = await inspectWorker(session, open, worker, deadline, 'vm');
        const vm = layers.at(-1)?.status;
        if (vm?.state === 'ready') await refuseOthersOn(session, worker, vm.output as VmOutput, what, deadline);
      } catch (error) {
        const fault = asWaaError(error);
        if (fault.code === 'OWN_RUN_OF_OTHERS' || given.signal.aborted) throw fault;
        const text = `it could not be asked for runs of others: ${fault.message}`;
        session.emit('log', { component: 'deployment' }, text, { level: 'warn', worker: worker.name });
      }
    }),
  );
}
