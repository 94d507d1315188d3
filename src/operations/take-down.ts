import { cleanUp, type CleanUpProof } from '../deployment/clean-up.js';
import { resourceGroupName } from '../deployment/names.js';
import type { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';
import { forgetDeployment } from '../state/deployment.js';
import { clearHosts, type HostsProof } from './host-pool.js';
import type { OpenDeployment } from './open-deployment.js';
import { runsNotHome } from './runs.js';
import { lookAtSpend } from './spend.js';

/**
 * Deletes everything of a deployment, proves it by listing, then forgets it here. What refuses it changes nothing: the
 * intent is written once nothing speaks against it.
 */
export async function takeDown(
  session: Session,
  open: OpenDeployment,
  force: boolean,
  deadline: Deadline,
): Promise<CleanUpProof | HostsProof> {
  const { name, owner, resourceGroup, createdAt } = open.record;
  const proof = open.record.hosts
    ? await clearHosts(session, open, force, deadline)
    : await cleanUp(open.ports, { deployment: name, owner, resourceGroup, createdAt }, deadline, {
        force,
        runsNotHome: () => runsNotHome(session.paths, name),
        async onBegin() {
          await open.intend('deleting');
          await lookAtSpend(session, open.record);
          // What is about to vanish must not look like a connection that broke.
          await Promise.all(open.workers.map((worker) => worker.stack.close()));
        },
      });
  await lookAtSpend(session, open.record);
  await open.close();
  await forgetDeployment(session.paths, name);
  return proof;
}

/**
 * Deletes a deployment of ours that this machine knows nothing of any more, found by its name and tags. Undefined when
 * Azure has none of this name; raises AZURE_NOT_OURS when it is somebody else's.
 */
export async function takeDownForgotten(
  session: Session,
  deployment: string,
  deadline: Deadline,
): Promise<CleanUpProof | undefined> {
  const { clients, clock, emit, retry, owner } = session;
  const resourceGroup = resourceGroupName(deployment);
  const group = await retry('arm', (own) => clients.arm.getResourceGroup(resourceGroup, own), { deadline });
  if (!group) return undefined;
  const memory = { resumeToken: () => undefined, saveResumeToken: () => Promise.resolve() };
  const target = { deployment, resourceGroup, owner };
  return cleanUp({ arm: clients.arm, clock, emit, retry, memory }, target, deadline, {
    runsNotHome: () => runsNotHome(session.paths, deployment),
  });
}
