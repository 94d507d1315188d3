import { newLease } from '../deployment/lease.js';
import { resumePool } from '../deployment/lifecycle.js';
import type { Deadline } from '../health/deadline.js';
import type { ClientOutput } from '../layers/io.js';
import type { Session } from '../session.js';
import { bringUp } from './bring-up.js';
import type { OpenDeployment } from './open-deployment.js';
import { lookAtSpend } from './spend.js';

/** Starts the VMs, whoever stopped them, then walks until WAA is ready. */
export async function resumeDeployment(
  session: Session,
  open: OpenDeployment,
  deadline: Deadline,
): Promise<readonly ClientOutput[]> {
  await open.intend('resuming');
  if (open.record.hosts) return bringUp(session, open, deadline);
  await lookAtSpend(session, open.record);
  const startedAtMs = session.clock.now();
  const lease = newLease(session.clock.now(), session.config.azure.autoPauseHours);
  const outcomes = await resumePool(
    open.ports,
    open.workers.map((worker) => worker.pool),
    lease,
    deadline,
  );
  const failed = outcomes.find((outcome) => outcome.outcome === 'failed');
  await lookAtSpend(session, open.record, startedAtMs);
  if (failed?.outcome === 'failed') throw failed.fault;
  return bringUp(session, open, deadline);
}
