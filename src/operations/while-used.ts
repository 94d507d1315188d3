import { MINUTE_MS } from '../clock/units.js';
import { newLease, shutdownTime } from '../deployment/lease.js';
import { asWaaError } from '../failures/waa-error.js';
import type { Session } from '../session.js';
import { noteUse } from '../state/last-use.js';
import { setLease } from './lease-keeper.js';
import type { OpenDeployment } from './open-deployment.js';
import type { OpenWorker } from './open-worker.js';

/** Far below any time after which a pool is worth pausing. */
const MARK_EVERY_MS = 5 * MINUTE_MS;

/**
 * Somebody works on these workers by hand for as long as `work` takes: no sweep of this machine takes their deployment for
 * idle meanwhile. Azure gives them the whole lease, once: a shell that was left open must not keep a VM running for ever.
 * `work` is told when that lease ends, in epoch ms; undefined where there is none, or it could not be set, which is logged.
 */
export async function whileUsed<T>(
  session: Session,
  open: OpenDeployment,
  workers: readonly OpenWorker[],
  work: (leaseEnd: Promise<number | undefined>) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const marking = keepMarked(session, open, AbortSignal.any([session.signal, over.signal]));
  const leaseEnd = giveLease(session, open, workers);
  try {
    return await work(leaseEnd);
  } finally {
    over.abort();
    await Promise.all([marking, leaseEnd]);
  }
}

async function keepMarked({ clock, emit, paths }: Session, { record }: OpenDeployment, signal: AbortSignal) {
  try {
    for (;;) {
      await noteUse(paths.deployment(record.name).used, clock.now());
      await clock.sleep(MARK_EVERY_MS, signal);
    }
  } catch (error) {
    if (!signal.aborted) emit('log', { component: 'deployment' }, asWaaError(error).message, { level: 'warn' });
  }
}

async function giveLease(
  session: Session,
  open: OpenDeployment,
  workers: readonly OpenWorker[],
): Promise<number | undefined> {
  const { clock, config, emit } = session;
  if (open.record.hosts || open.record.intent === 'paused') return undefined;
  const lease = newLease(clock.now(), config.azure.autoPauseHours);
  try {
    await setLease(session, open, lease, workers);
    return shutdownTime(lease, clock.now()).firesAtMs;
  } catch (error) {
    if (session.signal.aborted) return undefined;
    const text = `the auto-pause could not be moved on: ${asWaaError(error).message}`;
    emit('log', { component: 'deployment' }, text, { level: 'warn' });
    return undefined;
  }
}
