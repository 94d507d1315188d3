import { cleanUp, type CleanUpProof } from '../deployment/clean-up.js';
import type { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';
import { forgetDeployment } from '../state/deployment.js';
import { clearHosts, type HostsProof } from './host-pool.js';
import type { OpenDeployment } from './open-deployment.js';
import { runsNotHome } from './runs.js';
import { lookAtSpend } from './spend.js';

/** Deletes everything of a deployment, proves it by listing, then forgets it here. */
export async function takeDown(
  session: Session,
  open: OpenDeployment,
  force: boolean,
  deadline: Deadline,
): Promise<CleanUpProof | HostsProof> {
  const { name, owner, resourceGroup } = open.record;
  await open.intend('deleting');
  await lookAtSpend(session, open.record);
  // What is about to vanish must not look like a connection that broke.
  if (!open.record.hosts) await Promise.all(open.workers.map((worker) => worker.stack.close()));
  const proof = open.record.hosts
    ? await clearHosts(session, open, force, deadline)
    : await cleanUp(open.ports, { deployment: name, owner, resourceGroup }, deadline, {
        force,
        runsNotHome: () => runsNotHome(session.paths, name),
      });
  await lookAtSpend(session, open.record);
  await open.close();
  await forgetDeployment(session.paths, name);
  return proof;
}
