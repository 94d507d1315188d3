import { isBeingDeleted } from '../azure/being-deleted.js';
import { runOperation } from '../azure/run-operation.js';
import { waitForAzure } from '../azure/wait-for-azure.js';
import type { ResourceGroup, ResourceRef } from '../clients/arm/arm.js';
import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { LifecyclePorts } from './pool-worker.js';

/** Azure's listings lag behind a delete by seconds to minutes. */
const LISTING_LAG_MS = 180_000;
/** Azure asks for 15 s between looks at a deletion. */
const LIST_EVERY_MS = 15_000;

export type RemovePorts = Omit<LifecyclePorts, 'quiesceWorker'>;

/** Deletes a resource group that was judged to be ours; returns what stood in it. */
export async function removeGroup(
  ports: RemovePorts,
  resourceGroup: string,
  deadline: Deadline,
): Promise<readonly ResourceRef[]> {
  const { arm, emit, retry } = ports;
  const deleted = await retry('arm', (own) => arm.listResources(resourceGroup, own), { deadline });
  const begin = (own: Deadline) => arm.deleteResourceGroup(resourceGroup, own);
  const isUnderWay = async (own: Deadline): Promise<boolean> => {
    const group = await arm.getResourceGroup(resourceGroup, own);
    return group === undefined || isBeingDeleted(group);
  };
  await runOperation(ports, { name: `delete:${resourceGroup}`, begin, isUnderWay }, deadline);
  for (const { type, name } of deleted) emit('resource.deleted', { kind: type, name }, `deleted ${type} ${name}`);
  const kind = 'Microsoft.Resources/resourceGroups';
  emit('resource.deleted', { kind, name: resourceGroup }, `deleted resource group ${resourceGroup}`);
  return deleted;
}

/** What must not be listed any more. */
export interface GoneTarget {
  readonly resourceGroup: string;
  /** What a person calls it. */
  readonly name: string;
  /** Groups that have this tag are looked at, */
  readonly tag: string;
  /** and these of them belong to it. */
  readonly isOf: (group: ResourceGroup) => boolean;
}

/** Lists by name, by tag and inside until nothing shows any more. Raises AZURE_CLEANUP_INCOMPLETE with what is left. */
export async function proveGone(
  { arm, clock }: Pick<LifecyclePorts, 'arm' | 'clock'>,
  { resourceGroup, name, tag, isOf }: GoneTarget,
  deadline: Deadline,
): Promise<void> {
  let left: readonly string[] = [];
  using own = deadline.child(LISTING_LAG_MS);
  await waitForAzure<true>(
    async (look) => {
      const [byName, byTag, inside] = await Promise.all([
        arm.getResourceGroup(resourceGroup, look),
        arm.listResourceGroups(tag, look),
        arm.listResources(resourceGroup, look),
      ]);
      const listed = [...(byName ? [byName] : []), ...byTag.filter(isOf), ...inside];
      left = [...new Set(listed.map((one) => one.name))];
      return left.length === 0 ? { ok: true, value: true } : { ok: false, saw: `still listed: ${left.join(', ')}` };
    },
    {
      what: `the end of ${resourceGroup}`,
      clock,
      deadline: own,
      everyMs: LIST_EVERY_MS,
      onTimeout: (last) =>
        fail('AZURE_CLEANUP_INCOMPLETE', {
          deployment: name,
          count: left.length,
          left: left.length === 0 ? last : left.join(', '),
        }),
    },
  );
}
