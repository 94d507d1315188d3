import { MINUTE_MS } from '../clock/units.js';
import type { Session } from '../session.js';
import { shutdownTime } from '../deployment/lease.js';
import { asWaaError } from '../failures/waa-error.js';
import { setLease } from './lease-keeper.js';
import type { OpenDeployment } from './open-deployment.js';

/**
 * Nothing is queued any more: the lease of every worker is cut to `azure.idlePauseMinutes`, so that Azure pauses a pool
 * that nobody uses. The next command that works with it gives the whole lease again. A failure is told, not raised: the
 * run is over and its results are home.
 */
export async function pauseWhenIdle(session: Session, open: OpenDeployment): Promise<void> {
  const { clock, config, emit } = session;
  const { idlePauseMinutes, autoPauseHours } = config.azure;
  if (open.record.hosts || idlePauseMinutes === 0 || idlePauseMinutes >= autoPauseHours * 60) return;
  const lease = { endsAtMs: clock.now() + idlePauseMinutes * MINUTE_MS };
  try {
    await setLease(session, open, lease);
    // What Azure is told: it can do neither the very next minutes nor a whole day.
    const { firesAtMs } = shutdownTime(lease, clock.now());
    const text = `nothing is queued: it pauses at ${new Date(firesAtMs).toISOString().slice(11, 16)} UTC unless it is used`;
    emit('log', { component: 'deployment' }, text);
  } catch (error) {
    if (session.signal.aborted) return;
    emit('log', { component: 'deployment' }, `the lease was not cut: ${asWaaError(error).message}`, { level: 'warn' });
  }
}
