import { ensureKeyPair } from '../clients/ssh/keys.js';
import { resourceGroupName, validateDeploymentName, workerNames } from '../deployment/names.js';
import { stableHash } from '../layers/fingerprint.js';
import type { Session } from '../session.js';
import { findDeployment, saveDeployment, type DeploymentRecord, type HostsRecord } from '../state/deployment.js';
import { underLock } from './lock-deployment.js';
import { lookDeadline } from './look-deadline.js';
import { configuredPlace, refuseTaken, type Place } from './place.js';

/**
 * Writes the record of a new deployment, or completes the one there is: what it was made with stays in force where it cannot
 * change. Returns whether it is new. Makes waa's own SSH key when it is missing. Raises OWN_LOCKED, and what `refuseTaken`
 * raises.
 */
export async function prepareRecord(session: Session, name: string, where: Where = {}): Promise<boolean> {
  if (session.config.ssh.keyPath === undefined) await ensureKeyPair(session.sshKeyPath);
  return underLock(session, validateDeploymentName(name), async () => {
    const known = await findDeployment(session.paths, name);
    await saveDeployment(session.paths, known ? completed(known, where) : await newRecord(session, name, where));
    return known === undefined;
  });
}

interface Where {
  readonly hosts?: HostsRecord | undefined;
  readonly place?: Place | undefined;
}

/** Permissions on hosts and the number of workers that must be ready may be said anew. */
function completed(known: DeploymentRecord, { hosts, place }: Where): DeploymentRecord {
  const { minWorkers } = place ?? {};
  return { ...known, ...(hosts ? { hosts } : {}), ...(minWorkers === undefined ? {} : { minWorkers }) };
}

async function newRecord(session: Session, name: string, { hosts, place }: Where): Promise<DeploymentRecord> {
  const { config, clock } = session;
  const now = new Date(clock.now()).toISOString();
  return {
    name,
    ...(hosts ? placeOnHosts(hosts) : await placeOnAzure(session, name, place)),
    createdAt: now,
    owner: session.owner,
    configFingerprint: stableHash(config),
    intent: 'creating',
    intentAt: now,
  };
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
