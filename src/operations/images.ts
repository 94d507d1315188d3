import { isBeingDeleted } from '../azure/being-deleted.js';
import { TAG_NAMES, tagValue } from '../azure/tags.js';
import type { ResourceRef } from '../clients/arm/arm.js';
import {
  imageGroupName,
  imageWarning,
  readImage,
  validateImageName,
  type GoldenImage,
} from '../deployment/golden-image.js';
import { didYouMean } from '../failures/nearest.js';
import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { GoldenDisk } from '../layers/worker-plan.js';
import type { Session } from '../session.js';
import { listDeployments, type DeploymentRecord } from '../state/deployment.js';
import { sessionOf } from './own-subscription.js';
import { isOwn } from './sweep-look.js';

/** An image with what is known of it beside its tags. */
export interface ListedImage extends GoldenImage {
  /** Deployments made from it, whoever made them. */
  readonly usedBy: readonly string[];
  /** The most it can cost: Azure bills what is used of the disk. */
  readonly usdPerMonth: number;
  readonly warning: string | undefined;
}

const DAYS_A_MONTH = 30;

/** Every image of the subscription, sorted by name. Reads only. */
export async function listImages(session: Session, deadline: Deadline): Promise<readonly ListedImage[]> {
  const { clients, clock } = session;
  const [images, users] = await Promise.all([imagesOf(session, deadline), usersOf(session, deadline)]);
  return Promise.all(
    images.map(async (image) => {
      const gb = image.disk?.gb ?? 0;
      const usdPerDay =
        gb === 0 ? 0 : await clients.prices.itemPerDay({ kind: 'snapshot', gb }, image.region, deadline);
      return {
        ...image,
        usedBy: users.get(image.name) ?? [],
        usdPerMonth: usdPerDay * DAYS_A_MONTH,
        warning: imageWarning(image, clock.now()),
      };
    }),
  );
}

/** Images as their groups tell, sorted by name; those that are being deleted are left out. */
async function imagesOf({ clients, retry }: Session, deadline: Deadline): Promise<readonly GoldenImage[]> {
  const groups = await retry('arm', (own) => clients.arm.listResourceGroups(TAG_NAMES.image, own), { deadline });
  const images = groups.filter((group) => !isBeingDeleted(group)).flatMap((group) => readImage(group) ?? []);
  return images.sort((a, b) => a.name.localeCompare(b.name));
}

/** Golden images with what stands in their groups. */
export async function imageResources(
  session: Session,
  everyone: boolean,
  deadline: Deadline,
): Promise<readonly { readonly image: GoldenImage; readonly refs: readonly ResourceRef[] }[]> {
  const { clients, retry } = session;
  const images = (await imagesOf(session, deadline)).filter(({ owner }) => everyone || isOwn(owner, session));
  return Promise.all(
    images.map(async (image) => ({
      image,
      refs: await retry('arm', (own) => clients.arm.listResources(image.group, own), { deadline }),
    })),
  );
}

/** Deployments by the image they were made from: those in Azure, and those known here that are not there yet. */
async function usersOf(
  { clients, paths, retry }: Session,
  deadline: Deadline,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const [groups, { records }] = await Promise.all([
    retry('arm', (own) => clients.arm.listResourceGroups(TAG_NAMES.deployment, own), { deadline }),
    listDeployments(paths),
  ]);
  const users = new Map<string, Set<string>>();
  const add = (image: string | undefined, deployment: string): void => {
    if (image !== undefined) users.set(image, (users.get(image) ?? new Set()).add(deployment));
  };
  for (const { name, tags } of groups)
    add(tagValue(tags, TAG_NAMES.fromImage), tagValue(tags, TAG_NAMES.deployment) ?? name);
  for (const { name, golden } of records) add(golden?.image, name);
  return new Map([...users].map(([image, names]) => [image, [...names].sort()]));
}

/** An image by its name. Raises OWN_IMAGE_UNKNOWN with the nearest there is. */
export async function findImage(session: Session, name: string, deadline: Deadline): Promise<GoldenImage> {
  const { clients, retry } = session;
  const group = await retry('arm', (own) => clients.arm.getResourceGroup(imageGroupName(name), own), { deadline });
  const image = group && !isBeingDeleted(group) ? readImage(group) : undefined;
  if (image) return image;
  const known = (await imagesOf(session, deadline)).map((one) => one.name);
  const otherwise =
    known.length === 0
      ? 'There is none yet; make one: waa image-create NAME --name SOURCE'
      : `There are: ${known.join(', ')}`;
  throw fail('OWN_IMAGE_UNKNOWN', { image: name, hint: didYouMean(name, known, otherwise) });
}

/**
 * The disk of an image for new workers, and where it is. Raises OWN_IMAGE_UNKNOWN, OWN_IMAGE_UNFINISHED and
 * OWN_IMAGE_EXPIRED; an evaluation that ends soon is told.
 */
export async function goldenDisk(
  session: Session,
  name: string,
  deadline: Deadline,
): Promise<{ readonly golden: GoldenDisk; readonly region: string }> {
  const { clients, clock, emit, retry } = session;
  const image = await findImage(session, validateImageName(name), deadline);
  const { disk, group, region, source, windowsUntil } = image;
  const snapshot =
    disk && (await retry('arm', (own) => clients.arm.getSnapshot(group, disk.snapshot, own), { deadline }));
  if (!disk || snapshot?.isComplete !== true) throw fail('OWN_IMAGE_UNFINISHED', { image: name, source });
  if (windowsUntil !== undefined && Date.parse(windowsUntil) <= clock.now())
    throw fail('OWN_IMAGE_EXPIRED', { image: name, ended: windowsUntil });
  const warning = imageWarning(image, clock.now());
  if (warning !== undefined) emit('log', { component: 'image' }, `image ${name}: ${warning}`, { level: 'warn' });
  return { golden: { image: name, snapshotId: snapshot.id, gb: Math.max(disk.gb, snapshot.gb) }, region };
}

/**
 * Workers that a deployment gets begin with the image it was made from; raises what `goldenDisk` raises when that cannot be
 * had any more. Those that were kept warm have their disks.
 */
export async function proveImage(
  given: Session,
  record: DeploymentRecord,
  added: readonly string[],
  deadline: Deadline,
): Promise<void> {
  const { golden, cooling = [], warm = [] } = record;
  const isMade = (worker: string): boolean => cooling.includes(worker) || warm.includes(worker);
  if (golden && !added.every(isMade)) await goldenDisk(sessionOf(given, record), golden.image, deadline);
}

/** Refuses with OWN_IMAGE_IN_USE while a deployment was made from the image. */
export async function refuseInUse(session: Session, image: string, deadline: Deadline): Promise<void> {
  const users = (await usersOf(session, deadline)).get(image) ?? [];
  const [first] = users;
  if (first !== undefined) throw fail('OWN_IMAGE_IN_USE', { image, deployments: users.join(', '), first });
}
