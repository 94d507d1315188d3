import { isBeingDeleted } from '../azure/being-deleted.js';
import { sameOwner, TAG_NAMES } from '../azure/tags.js';
import type { ResourceRef } from '../clients/arm/arm.js';
import { imageGroupName, readImage } from '../deployment/golden-image.js';
import { proveGone, removeGroup } from '../deployment/remove-group.js';
import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';
import { findImage, refuseInUse } from './images.js';
import { removePorts } from './remove-ports.js';

/** What proves that nothing of an image is left. */
export interface ImageProof {
  readonly image: string;
  readonly group: string;
  readonly deleted: readonly ResourceRef[];
  /** Epoch ms of the last listing, which was empty. */
  readonly verifiedAtMs: number;
}

/**
 * Whether an image may be deleted. Raises OWN_IMAGE_UNKNOWN, OWN_IMAGE_NOT_YOURS, OWN_IMAGE_IN_USE while a
 * deployment was made from it.
 */
export async function mayDeleteImage(session: Session, name: string, deadline: Deadline): Promise<void> {
  const { clients, retry } = session;
  const group = await retry('arm', (own) => clients.arm.getResourceGroup(imageGroupName(name), own), { deadline });
  const { owner } = (group && readImage(group)) ?? (await findImage(session, name, deadline));
  if (!sameOwner(owner, session.owner)) throw fail('OWN_IMAGE_NOT_YOURS', { image: name, owner });
  // One whose deletion a killed process began is waited for.
  if (group && isBeingDeleted(group)) return;
  await refuseInUse(session, name, deadline);
}

/** Deletes an image that may be deleted, and proves it by listing. */
export async function deleteImage(session: Session, name: string, deadline: Deadline): Promise<ImageProof> {
  await mayDeleteImage(session, name, deadline);
  const ports = removePorts(session);
  const group = imageGroupName(name);
  const deleted = await removeGroup(ports, group, deadline);
  const isOf = (one: Parameters<typeof readImage>[0]): boolean => readImage(one)?.name === name;
  await proveGone(ports, { resourceGroup: group, name, tag: TAG_NAMES.image, isOf }, deadline);
  return { image: name, group, deleted, verifiedAtMs: ports.clock.now() };
}
