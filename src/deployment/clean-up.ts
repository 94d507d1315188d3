import type { ResourceRef } from '../clients/arm/arm.js';
import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import { waitFor } from '../health/wait-for.js';
import { runOperation } from '../layers/run-operation.js';
import { foreignBecause, TAG_NAMES, type Identity } from '../layers/worker-tags.js';
import type { LifecyclePorts } from './pool-worker.js';

/** Azure's listings lag behind a delete by seconds to minutes. */
const LISTING_LAG_MS = 180_000;
const LIST_EVERY_MS = 15_000;
const LOOK_MS = 30_000;

export interface CleanUpTarget extends Identity {
  readonly resourceGroup: string;
}

export interface CleanUpOptions {
  /** Runs with attempts whose results are not on this machine yet. */
  readonly runsNotHome: () => Promise<readonly { readonly run: string; readonly attempts: number }[]>;
  /** Deletes although results would be lost. */
  readonly force?: boolean;
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
 * Deletes everything of a deployment and proves it by listing. Refuses while results are not home (OWN_RESULTS_NOT_HOME), and
 * never touches a group without our tag (AZURE_NOT_OURS). A deployment that is gone already gives the same proof.
 */
export async function cleanUp(
  ports: Omit<LifecyclePorts, 'quiesceWorker'>,
  target: CleanUpTarget,
  deadline: Deadline,
  options: CleanUpOptions,
): Promise<CleanUpProof> {
  const { arm, retry } = ports;
  const { deployment, resourceGroup } = target;
  const group = await retry('arm', (own) => arm.getResourceGroup(resourceGroup, own), { deadline });
  const foreign = group && foreignBecause(group.tags, target);
  if (group && foreign !== undefined) throw fail('AZURE_NOT_OURS', { group: group.name, owner: foreign });
  const [missing] = !group || options.force === true ? [] : await options.runsNotHome();
  if (missing) throw fail('OWN_RESULTS_NOT_HOME', { run: missing.run, attempts: missing.attempts });
  await options.onBegin?.();

  const deleted = group ? await retry('arm', (own) => arm.listResources(resourceGroup, own), { deadline }) : [];
  if (group) {
    await runOperation(
      ports,
      { name: `delete:${resourceGroup}`, begin: (own) => arm.deleteResourceGroup(resourceGroup, own) },
      deadline,
    );
    for (const { type, name } of deleted)
      ports.emit('resource.deleted', { kind: type, name }, `deleted ${type} ${name}`);
    const kind = 'Microsoft.Resources/resourceGroups';
    ports.emit('resource.deleted', { kind, name: resourceGroup }, `deleted resource group ${resourceGroup}`);
  }
  await proveGone(ports, target, deadline);
  return { deployment, resourceGroup, deleted, groupsLeft: [], verifiedAtMs: ports.clock.now() };
}

/** Lists by name, by tag and inside until nothing shows any more. Raises AZURE_CLEANUP_INCOMPLETE with what is left. */
async function proveGone(
  ports: Pick<LifecyclePorts, 'arm' | 'clock'>,
  target: CleanUpTarget,
  deadline: Deadline,
): Promise<void> {
  const { arm, clock } = ports;
  let left: readonly string[] = [];
  using own = deadline.child(LISTING_LAG_MS);
  await waitFor<true>(
    async (look) => {
      const [byName, byTag, inside] = await Promise.all([
        arm.getResourceGroup(target.resourceGroup, look),
        arm.listResourceGroups(TAG_NAMES.deployment, look),
        arm.listResources(target.resourceGroup, look),
      ]);
      left = [
        ...(byName ? [byName.name] : []),
        ...byTag.filter((group) => foreignBecause(group.tags, target) === undefined).map((group) => group.name),
        ...inside.map((row) => row.name),
      ];
      left = [...new Set(left)];
      return left.length === 0 ? { ok: true, value: true } : { ok: false, saw: `still listed: ${left.join(', ')}` };
    },
    {
      what: `the end of ${target.resourceGroup}`,
      clock,
      deadline: own,
      everyMs: LIST_EVERY_MS,
      attemptTimeoutMs: LOOK_MS,
      onTimeout: (last) =>
        fail('AZURE_CLEANUP_INCOMPLETE', {
          deployment: target.deployment,
          count: left.length,
          left: left.length === 0 ? last : left.join(', '),
        }),
    },
  );
}
