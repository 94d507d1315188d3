import { newLease } from '../deployment/lease.js';
import { resumePool } from '../deployment/lifecycle.js';
import type { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';
import { bringUp, type PoolReady } from './bring-up.js';
import type { OpenDeployment } from './open-deployment.js';
import { lookAtSpend } from './spend.js';

/** Starts the VMs, whoever stopped them, then walks until WAA is ready. */
export async function resumeDeployment(session: Session, open: OpenDeployment, deadline: Deadline): Promise<PoolReady> {
  await open.intend('resuming');
  if (open.record.hosts) return bringUp(session, open, deadline);
  await lookAtSpend(session, open.record);
  const startedAtMs = session.clock.now();
  const lease = newLease(session.clock.now(), session.config.azure.autoPauseHours);
  // One that does not start fails again, and is told, when it is brought up.
  await resumePool(
    open.ports,
    open.workers.map((worker) => worker.pool),
    lease,
    deadline,
  );
  return bringUp(session, open, deadline, startedAtMs);
}
