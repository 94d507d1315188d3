import { TAG_NAMES, tagValue } from '../azure/tags.js';
import { withExpiry } from '../deployment/tags.js';
import type { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';
import type { DeploymentRecord } from '../state/deployment.js';
import { sessionOf } from './own-subscription.js';

/** A tag that is exact to six hours will do for a term of fourteen days. */
const STEP_MS = 6 * 3_600_000;

/**
 * Moves the expiry of a deployment: the tag `waa-expires` of its resource group, from which on anybody's sweep may delete
 * it. A notice of deletion that was given before is withdrawn. Two requests when it has to move, one when not.
 */
export async function keepExpiry(
  session: Session,
  record: DeploymentRecord,
  expiresAtMs: number,
  deadline: Deadline,
): Promise<void> {
  const { name, resourceGroup } = record;
  const { clients, retry } = sessionOf(session, record);
  const { arm } = clients;
  const group = await retry('arm', (own) => arm.getResourceGroup(resourceGroup, own), { deadline });
  if (!group || tagValue(group.tags, TAG_NAMES.deployment) !== name) return;
  const current = Date.parse(tagValue(group.tags, TAG_NAMES.expires) ?? '');
  const isNoticed = tagValue(group.tags, TAG_NAMES.notice) !== undefined;
  if (!isNoticed && Math.abs(current - expiresAtMs) < STEP_MS) return;
  const tags = withExpiry(group.tags, expiresAtMs);
  await retry('arm', (own) => arm.putResourceGroup(group.name, group.region, tags, own), { deadline });
}
