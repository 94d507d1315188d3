import type { Identity } from '../azure/tags.js';
import type { ResourceGroup } from '../clients/arm/arm.js';
import { cleanUp, type CleanUpProof } from '../deployment/clean-up.js';
import { resourceGroupName } from '../deployment/names.js';
import { readTags } from '../deployment/tags.js';
import type { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';
import { clearHosts, type HostsProof } from './host-pool.js';
import type { OpenDeployment } from './open-deployment.js';
import { refuseOthers } from './others-runs.js';
import { removePorts } from './remove-ports.js';
import { requireResultsHome } from './results-home.js';
import { lookAtSpend, noteGone } from './spend.js';

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
        async refuse() {
          await requireHome(session, name, force);
          if (!force) await refuseOthers(session, open, 'kept', deadline);
        },
        async onBegin() {
          await open.intend('deleting');
          await lookAtSpend(session, open.record);
          // What is about to vanish must not look like a connection that broke.
          await Promise.all(open.workers.map((worker) => worker.stack.close()));
        },
      });
  if (!open.record.hosts) await noteGone(session, { deployment: name, createdAt });
  await open.forget();
  return proof;
}

/**
 * Deletes a deployment of ours that this machine knows nothing of any more, found by its name and tags. Undefined when
 * Azure has none of this name; raises AZURE_NOT_OURS when it is somebody else's.
 */
export async function takeDownForgotten(
  session: Session,
  deployment: string,
  force: boolean,
  deadline: Deadline,
): Promise<CleanUpProof | undefined> {
  const { clients, retry, owner } = session;
  const resourceGroup = resourceGroupName(deployment);
  const group = await retry('arm', (own) => clients.arm.getResourceGroup(resourceGroup, own), { deadline });
  return group && (await takeDownGroup(session, group, { deployment, owner }, force, deadline));
}

/** Deletes a group of a deployment that has no record here. Runs and costs of it may lie here all the same. */
export async function takeDownGroup(
  session: Session,
  { name: resourceGroup, tags }: ResourceGroup,
  { deployment, owner }: Identity,
  force: boolean,
  deadline: Deadline,
): Promise<CleanUpProof> {
  const proof = await cleanUp(removePorts(session), { deployment, owner, resourceGroup }, deadline, {
    refuse: () => requireHome(session, deployment, force),
  });
  const createdAt = readTags(tags)?.createdAt;
  if (createdAt !== undefined) await noteGone(session, { deployment, createdAt });
  return proof;
}

async function requireHome({ paths }: Session, deployment: string, force: boolean): Promise<void> {
  if (!force) await requireResultsHome(paths, deployment);
}
