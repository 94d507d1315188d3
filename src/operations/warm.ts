import { pausePool } from '../deployment/lifecycle.js';
import type { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';
import type { OpenDeployment } from './open-deployment.js';
import { withQuiesce } from './quiesce.js';
import { lookAtSpend } from './spend.js';

/**
 * Workers that were made to be kept warm, and are ready, are shut down cleanly and deallocated: their disks are paid for,
 * nothing else, and `pool-scale` has them back in the time of a boot. The record says before that they are to be, so the
 * next `up` goes on. One that does not go down stays a worker. Returns those that are warm now.
 */
export async function coolDown(
  session: Session,
  open: OpenDeployment,
  ready: readonly string[],
  deadline: Deadline,
): Promise<readonly string[]> {
  const { cooling = [], warm = [], workers } = open.record;
  const chosen = open.workers.filter(({ name }) => cooling.includes(name) && ready.includes(name));
  if (chosen.length === 0) return [];
  const pool = chosen.map((worker) => worker.pool);
  const outcomes = await pausePool(withQuiesce(session, open), pool, deadline);
  const cooled = outcomes.flatMap(({ worker, outcome }) =>
    outcome === 'done' || outcome === 'already' ? [worker] : [],
  );
  const others = (names: readonly string[]): string[] => names.filter((name) => !cooled.includes(name));
  await open.change({ workers: others(workers), cooling: others(cooling), warm: [...warm, ...cooled] });
  await lookAtSpend(session, open.record);
  return cooled;
}
