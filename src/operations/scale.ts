import { workerNames } from '../deployment/names.js';
import { eachWorker } from '../deployment/pool-worker.js';
import { removeWorker } from '../deployment/remove-worker.js';
import type { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';
import type { Checkpoint } from '../state/checkpoint.js';
import type { DeploymentRecord } from '../state/deployment.js';
import type { OpenDeployment } from './open-deployment.js';
import { workerVmOf } from './open-worker.js';
import { requireResultsHome } from './results-home.js';
import { lookAtSpend, noteGone } from './spend.js';

/**
 * Workers that a deployment of `count` has more, and those it has no more. The last ones come and go; one that was to be
 * kept warm, and is wanted as a worker now, comes.
 */
export function scaleStep(
  { workers, cooling = [] }: Pick<DeploymentRecord, 'workers' | 'cooling'>,
  count: number,
): { readonly added: readonly string[]; readonly leaving: readonly string[] } {
  const wanted = workerNames(count);
  return {
    added: wanted.filter((name) => !workers.includes(name) || cooling.includes(name)),
    leaving: workers.filter((name) => !wanted.includes(name)),
  };
}

/**
 * Workers whose compute begins to be billed when a deployment gets `added`: of a paused one all that it has then, because it
 * is brought up as a whole.
 */
export function billedFor(
  { intent }: Pick<DeploymentRecord, 'intent'>,
  { added, count }: { readonly added: readonly string[]; readonly count: number },
): readonly string[] {
  return intent === 'paused' || intent === 'pausing' ? workerNames(count) : added;
}

/** Workers that were scaled away and are not proven gone: until then they may run, and are billed. */
export function leavingOf({ leaving = [], workers }: Pick<DeploymentRecord, 'workers' | 'leaving'>): readonly string[] {
  return leaving.filter((worker) => !workers.includes(worker));
}

/**
 * True where workers that were wanted have never all been ready: what brought them up failed or was stopped. Who paused a
 * pool, or began to delete it, did not want that.
 */
export function isUnfinished({
  record,
  checkpoint,
}: Pick<OpenDeployment, 'record'> & { readonly checkpoint: Pick<Checkpoint, 'milestones'> }): boolean {
  const { intent, workers } = record;
  if (intent !== 'ready') return intent === 'creating' || intent === 'resuming';
  return workers.some((worker) => checkpoint.milestones(worker).waa_ready === undefined);
}

/**
 * Writes down which workers a deployment shall have from now on; nothing is made or deleted yet, so a process killed later
 * is continued by the next. Refuses while results of a worker that leaves are not home (OWN_RESULTS_NOT_HOME), or
 * may not be (OWN_RUN_UNREADABLE), unless forced.
 */
export async function intendScale(
  session: Pick<Session, 'paths'>,
  open: Pick<OpenDeployment, 'record' | 'change' | 'intend'>,
  count: number,
  { force, minWorkers }: { readonly force: boolean; readonly minWorkers: number | undefined },
): Promise<void> {
  const { name, leaving: before = [], minWorkers: minimum, warm = [] } = open.record;
  const { added, leaving } = scaleStep(open.record, count);
  if (!force && leaving.length > 0) await requireResultsHome(session.paths, name, { workers: leaving });
  const needed = minWorkers ?? minimum;
  await open.change({
    workers: [...workerNames(count)],
    // Each of them is wanted as a worker now, or leaves.
    cooling: [],
    warm: warm.filter((worker) => !workerNames(count).includes(worker)),
    leaving: [...new Set([...before, ...leaving])],
    ...(needed === undefined ? {} : { minWorkers: Math.min(needed, count) }),
  });
  // Until they are ready, the same command again goes on.
  if (added.length > 0) await open.intend('resuming');
}

/** Deletes the workers that are leaving, each proven gone by listing. Raises the first failure; the others are deleted. */
export async function removeLeaving(
  session: Session,
  open: OpenDeployment,
  deadline: Deadline,
): Promise<readonly string[]> {
  const { name, createdAt, leaving = [] } = open.record;
  const gone = leavingOf(open.record);
  const pool = gone.map((worker) => workerVmOf(open.record, worker));
  const outcomes = await eachWorker(open.ports, pool, deadline, async (worker) => {
    await removeWorker(open.ports, name, worker, deadline);
    await noteGone(session, { deployment: name, createdAt, worker: worker.worker });
    await open.checkpoint.forgetWorker(worker.worker);
    return 'done';
  });
  const failed = outcomes.find((outcome) => outcome.outcome === 'failed');
  if (failed?.outcome === 'failed') throw failed.fault;
  if (leaving.length === 0) return gone;
  await open.change({ leaving: [] });
  await lookAtSpend(session, open.record);
  return gone;
}
