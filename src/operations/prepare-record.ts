import { ensureKeyPair } from '../clients/ssh/keys.js';
import { resourceGroupName, validateDeploymentName, workerNames } from '../deployment/names.js';
import { stableHash } from '../layers/fingerprint.js';
import type { Session } from '../session.js';
import { findDeployment, saveDeployment, type DeploymentRecord, type HostsRecord } from '../state/deployment.js';
import { rememberHosts } from './hosts.js';
import { lookDeadline } from './open-deployment.js';
import { configuredPlace, refuseTaken, type Place } from './place.js';

/**
 * Writes the record of a new deployment, or returns the one there is: what it was made with stays in force where it cannot
 * change. Makes waa's own SSH key when it is missing. Raises what `refuseTaken` raises.
 */
export async function prepareRecord(
  session: Session,
  name: string,
  where: { readonly hosts?: HostsRecord | undefined; readonly place?: Place | undefined } = {},
): Promise<DeploymentRecord> {
  const { config, clock, paths } = session;
  const known = await findDeployment(paths, name);
  if (config.ssh.keyPath === undefined) await ensureKeyPair(session.sshKeyPath);
  const { hosts, place } = where;
  if (known) {
    if (hosts) await rememberHosts(session, known, hosts);
    const minWorkers = place?.minWorkers;
    if (minWorkers === known.minWorkers || minWorkers === undefined) return known;
    const changed = { ...known, minWorkers };
    await saveDeployment(paths, changed);
    return changed;
  }
  const now = new Date(clock.now()).toISOString();
  const record: DeploymentRecord = {
    name: validateDeploymentName(name),
    ...(hosts ? placeOnHosts(hosts) : await placeOnAzure(session, name, place)),
    createdAt: now,
    owner: session.owner,
    configFingerprint: stableHash(config),
    intent: 'creating',
    intentAt: now,
  };
  await saveDeployment(paths, record);
  return record;
}

type WherePart = Place & Pick<DeploymentRecord, 'home' | 'subscriptionId' | 'resourceGroup' | 'hosts'>;

async function placeOnAzure(session: Session, name: string, chosen: Place | undefined): Promise<WherePart> {
  const { clients, kind, retry } = session;
  using deadline = lookDeadline(session);
  // Choosing a place looked for the name already.
  if (!chosen) await refuseTaken(session, name, deadline);
  const place = chosen ?? configuredPlace(session);
  const { id: subscriptionId } = await retry('arm', (own) => clients.arm.subscription(own), { deadline });
  return { ...place, home: kind, subscriptionId, resourceGroup: resourceGroupName(name) };
}

function placeOnHosts(hosts: HostsRecord): WherePart {
  const workers = [...workerNames(hosts.addresses.length)];
  return { home: 'host', subscriptionId: '', resourceGroup: '', region: '', vmSize: '', workers, hosts };
}
