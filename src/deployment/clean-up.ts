import { foreignBecause, TAG_NAMES, type Identity } from '../azure/tags.js';
import type { ResourceGroup, ResourceRef } from '../clients/arm/arm.js';
import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import { proveGone, removeGroup, type RemovePorts } from './remove-group.js';

export interface CleanUpTarget extends Identity {
  readonly resourceGroup: string;
}

export interface CleanUpOptions {
  /** Asked where there is something to delete; raises what speaks against it, such as results that would be lost. */
  readonly refuse: () => Promise<void>;
  /** Called when nothing speaks against it any more, before anything is deleted. */
  readonly onBegin?: () => Promise<void>;
}

/** What proves that nothing is left: what was there, and listings made afterwards. */
export interface CleanUpProof {
  readonly deployment: string;
  readonly resourceGroup: string;
  /** What stood in the group before. */
  readonly deleted: readonly ResourceRef[];
  /** Resource groups with our tag of this deployment afterwards: always empty. */
  readonly groupsLeft: readonly string[];
  /** Epoch ms of the last listing. */
  readonly verifiedAtMs: number;
}

/**
 * Deletes everything of a deployment and proves it by listing. Raises what `refuse` raises, and never touches a group
 * without our tag (AZURE_NOT_OURS). A deployment that is gone already gives the same proof.
 */
export async function cleanUp(
  ports: RemovePorts,
  target: CleanUpTarget,
  deadline: Deadline,
  options: CleanUpOptions,
): Promise<CleanUpProof> {
  const { arm, retry } = ports;
  const { deployment, resourceGroup } = target;
  const group = await retry('arm', (own) => arm.getResourceGroup(resourceGroup, own), { deadline });
  const foreign = group && foreignBecause(group.tags, target);
  if (group && foreign !== undefined) throw fail('AZURE_NOT_OURS', { group: group.name, owner: foreign });
  if (group) await options.refuse();
  await options.onBegin?.();

  const deleted = group ? await removeGroup(ports, resourceGroup, deadline) : [];
  const isOf = ({ tags }: ResourceGroup): boolean => foreignBecause(tags, target) === undefined;
  await proveGone(ports, { resourceGroup, name: deployment, tag: TAG_NAMES.deployment, isOf }, deadline);
  return { deployment, resourceGroup, deleted, groupsLeft: [], verifiedAtMs: ports.clock.now() };
}
