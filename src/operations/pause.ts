import { KEPT_FOR_MS } from '../azure/tags.js';
import { pausePool, type PauseOptions } from '../deployment/lifecycle.js';
import type { WorkerOutcome } from '../deployment/pool-worker.js';
import { asWaaError, fail, type WaaError } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';
import { keepExpiry } from './expiry.js';
import { pauseHosts } from './host-pool.js';
import type { OpenDeployment } from './open-deployment.js';
import { refuseOthers } from './others-runs.js';
import { withQuiesce } from './quiesce.js';
import { requireResultsHome } from './results-home.js';
import { leavingOf, removeLeaving } from './scale.js';
import { lookAtSpend } from './spend.js';

/**
 * Shuts Windows down cleanly and deallocates every worker, and deletes those that are leaving; on hosts of the user's own the
 * container ends and the machine stays on. The intent is written first. Refuses while results are not home
 * (OWN_RESULTS_NOT_HOME; a run that cannot be read is only told) or somebody else's run is at work (OWN_RUN_OF_OTHERS), and
 * does not deallocate a worker whose Windows stays up, unless forced; refuses what is paused already (OWN_POOL_PAUSED). Raises
 * the first failure, AZURE_NOT_FOUND where no worker has a VM.
 */
export async function pauseDeployment(
  session: Session,
  open: OpenDeployment,
  deadline: Deadline,
  options: PauseOptions = {},
): Promise<readonly WorkerOutcome[]> {
  if (options.force !== true) {
    // The disks stay, and so does what is on them; every minute of waiting for a person would be billed.
    const passOver = (fault: WaaError): void => {
      const text = `${fault.message}; a pause keeps them`;
      session.emit('log', { component: 'deployment' }, text, { level: 'warn' });
    };
    await requireResultsHome(session.paths, open.record.name, { passOver });
  }
  if (await isPaused(open, deadline)) throw fail('OWN_POOL_PAUSED', { deployment: open.record.name });
  if (options.force !== true) await refuseOthers(session, open, 'at work', deadline);
  await open.intend('pausing');
  await lookAtSpend(session, open.record);
  const outcomes = open.record.hosts
    ? await pauseHosts(session, open, deadline)
    : await pauseVms(session, open, deadline, options);
  const failed = outcomes.find((outcome) => outcome.outcome === 'failed');
  if (failed?.outcome === 'failed') throw failed.fault;
  await open.intend('paused');
  await lookAtSpend(session, open.record);
  if (!open.record.hosts) await noteExpiry(session, open, deadline);
  return outcomes;
}

/**
 * Workers that are leaving are deleted at the same time: until then they are billed. Neither waits for the other, so that
 * what fails of one does not leave the other running.
 */
async function pauseVms(
  session: Session,
  open: OpenDeployment,
  deadline: Deadline,
  options: PauseOptions,
): Promise<readonly WorkerOutcome[]> {
  const pool = open.workers.map((worker) => worker.pool);
  const [removed, paused] = await Promise.allSettled([
    removeLeaving(session, open, deadline),
    pausePool(withQuiesce(session, open), pool, deadline, options),
  ]);
  if (paused.status === 'rejected') throw paused.reason;
  if (paused.value.every(({ outcome }) => outcome === 'absent'))
    throw fail('AZURE_NOT_FOUND', { what: `VM ${pool[0]?.vmName ?? ''}`, azureCode: 'ResourceNotFound' });
  const isPausedToo = paused.value.every(({ outcome }) => outcome !== 'failed');
  if (removed.status === 'rejected' && isPausedToo) throw removed.reason;
  return paused.value;
}

/** Paused to the end, and left so: who pauses that may mean another one. The day it was paused stays as it is. */
async function isPaused({ record, ports }: OpenDeployment, deadline: Deadline): Promise<boolean> {
  if (record.intent !== 'paused' || record.hosts || leavingOf(record).length > 0) return false;
  const { arm, retry } = ports;
  const vms = await retry('arm', (own) => arm.listVms(record.resourceGroup, own), { deadline });
  return vms.length > 0 && vms.every(({ power }) => power === 'deallocated');
}

/** From now on its fourteen days run. The pool is paused already, so a tag that could not be written is only told. */
async function noteExpiry(session: Session, open: OpenDeployment, deadline: Deadline): Promise<void> {
  try {
    await keepExpiry(session, open.record, session.clock.now() + KEPT_FOR_MS, deadline);
  } catch (error) {
    if (session.signal.aborted) throw error;
    const text = `the expiry could not be noted in Azure: ${asWaaError(error).message}`;
    session.emit('log', { component: 'deployment' }, text, { level: 'warn' });
  }
}
