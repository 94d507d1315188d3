import { isBeingDeleted } from '../azure/being-deleted.js';
import { foreignBecause, TAG_NAMES, tagValue } from '../azure/tags.js';
import type { ResourceGroup } from '../clients/arm/arm.js';
import { ensureKeyPair } from '../clients/ssh/keys.js';
import { resourceGroupName, validateDeploymentName } from '../deployment/names.js';
import { rebuildDeployment } from '../deployment/rebuild.js';
import { readTags } from '../deployment/tags.js';
import { nearest } from '../failures/nearest.js';
import { fail, WaaError } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import { stableHash } from '../layers/fingerprint.js';
import type { Session } from '../session.js';
import { deploymentNames, findDeployment, saveDeployment, type DeploymentRecord } from '../state/deployment.js';
import { goldenDisk } from './images.js';
import { underLock } from './lock-deployment.js';
import { lookAtSpend } from './spend.js';
import { isOwn, recordOf } from './sweep-look.js';

export interface Adoption {
  readonly record: DeploymentRecord;
  readonly wasKnown: boolean;
}

/**
 * Makes a deployment known here again, from its tags and names in Azure alone; nothing in Azure changes. Without a name the
 * only one of ours that is unknown here is meant. Raises OWN_ADOPT_UNKNOWN, AZURE_NOT_OURS, USAGE, also where another one has
 * its name here, OWN_LOCKED, and OWN_STATE_CORRUPT for a record that is damaged rather than lost.
 */
export async function adopt(session: Session, given: string | undefined, deadline: Deadline): Promise<Adoption> {
  const { clients, config, owner, paths, retry } = session;
  const groups = await retry('arm', (own) => clients.arm.listResourceGroups(TAG_NAMES.deployment, own), { deadline });
  const name = given === undefined ? await onlyUnknown(session, groups) : validateDeploymentName(given);
  const groupName = resourceGroupName(name);
  const group = await retry('arm', (own) => clients.arm.getResourceGroup(groupName, own), { deadline });
  const here = async (): Promise<Adoption | undefined> => {
    const known = await findDeployment(paths, name);
    return known && { record: await sameAs(session, known, group), wasKnown: true };
  };
  const known = await here();
  if (known) return known;
  if (!group || isBeingDeleted(group)) {
    const hint = group
      ? `It is being deleted; to wait for its end: waa down --name ${name}`
      : hintOf(name, oursOf(session, groups));
    throw fail('OWN_ADOPT_UNKNOWN', { name, group: groupName, hint });
  }
  const foreign = foreignBecause(group.tags, { deployment: name, owner });
  if (foreign !== undefined) throw fail('AZURE_NOT_OURS', { group: groupName, owner: foreign });
  const record = await recordFrom(session, name, group, deadline);
  if (config.ssh.keyPath === undefined) await ensureKeyPair(session.sshKeyPath);
  return underLock(session, name, async () => {
    // Until it was locked another process may have made or adopted it.
    const since = await here();
    if (since) return since;
    await saveDeployment(paths, record);
    await lookAtSpend(session, record);
    return { record, wasKnown: false };
  });
}

/** The record of a deployment as what stands in its group says; the configuration fills in the rest. */
async function recordFrom(
  session: Session,
  name: string,
  group: ResourceGroup,
  deadline: Deadline,
): Promise<DeploymentRecord> {
  const { clients, clock, config, kind, owner, retry } = session;
  const [vms, resources, subscription] = await Promise.all([
    retry('arm', (own) => clients.arm.listVms(group.name, own), { deadline }),
    retry('arm', (own) => clients.arm.listResources(group.name, own), { deadline }),
    retry('arm', (own) => clients.arm.subscription(own), { deadline }),
  ]);
  const found = rebuildDeployment(name, { group, vms, resources }, clock.now());
  const golden = await goldenOf(session, group, deadline);
  return {
    name,
    home: kind,
    subscriptionId: subscription.id,
    resourceGroup: group.name,
    region: found.region,
    vmSize: found.vmSize ?? config.azure.vmSize,
    workers: [...found.workers],
    ...(found.spot === undefined ? {} : { spot: found.spot }),
    ...(golden === undefined ? {} : { golden: { ...golden } }),
    ...(found.zones.length === 0 ? {} : { zones: [...found.zones] }),
    createdAt: found.createdAt,
    owner: found.owner ?? owner,
    configFingerprint: stableHash(config),
    intent: found.intent,
    intentAt: new Date(clock.now()).toISOString(),
  };
}

/** The record that is here, unless what stands in Azure under its name is another deployment: that has no place beside it. */
async function sameAs(
  session: Session,
  known: DeploymentRecord,
  group: ResourceGroup | undefined,
): Promise<DeploymentRecord> {
  const tags = group && readTags(group.tags);
  if (!tags || tags.createdAt === undefined || (await recordOf(session, { group, tags }))) return known;
  const hint = `Adopt it into another state home: waa adopt ${known.name} --home DIRECTORY`;
  throw fail('USAGE', { problem: `another deployment is called ${known.name} on this machine`, hint });
}

/** The image it was made from, as long as that is there: without it workers are added with a blank disk. */
async function goldenOf(
  session: Session,
  { tags }: ResourceGroup,
  deadline: Deadline,
): Promise<DeploymentRecord['golden']> {
  const image = tagValue(tags, TAG_NAMES.fromImage);
  if (image === undefined) return undefined;
  try {
    return (await goldenDisk(session, image, deadline)).golden;
  } catch (error) {
    if (!(error instanceof WaaError) || !error.code.startsWith('OWN_IMAGE_')) throw error;
    session.emit('log', { component: 'deployment' }, `its image cannot be used: ${error.message}`, { level: 'warn' });
    return undefined;
  }
}

/** Names of the deployments in Azure that are ours, and not on their way out. */
function oursOf({ owner }: Session, groups: readonly ResourceGroup[]): readonly string[] {
  return groups.flatMap((group) => {
    const tags = readTags(group.tags);
    return tags && isOwn(tags.owner, { owner }) && !isBeingDeleted(group) ? [tags.deployment] : [];
  });
}

async function onlyUnknown(session: Session, groups: readonly ResourceGroup[]): Promise<string> {
  const here = await deploymentNames(session.paths);
  const unknown = oursOf(session, groups).filter((name) => !here.includes(name));
  const [only] = unknown;
  if (only !== undefined && unknown.length === 1) return only;
  throw only === undefined
    ? fail('USAGE', { problem: 'nothing of yours in Azure is unknown here', hint: 'waa resources' })
    : fail('USAGE', { problem: `several could be meant: ${unknown.join(', ')}`, hint: `waa adopt ${only}` });
}

function hintOf(name: string, ours: readonly string[]): string {
  if (ours.length === 0) return 'Nothing with your tags is in this subscription: waa up';
  const near = nearest(name, ours);
  return near === undefined ? `Yours are: ${ours.join(', ')}` : `waa adopt ${near}`;
}
