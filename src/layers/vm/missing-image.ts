import { fail, type WaaError } from '../../failures/waa-error.js';
import type { LayerContext } from '../layer.js';
import type { VmLayerDeps } from './deps.js';

/** Group and name in the ARM id of a snapshot. */
const SNAPSHOT_ID = /\/resourceGroups\/([^/]+)\/.*\/snapshots\/([^/]+)$/i;

/**
 * OWN_IMAGE_UNKNOWN when a VM could not be made because the golden image of its disk was deleted since: Azure names a
 * snapshot then, which nobody has ever seen. Undefined when the image is there or none was asked for.
 */
export async function missingImage(
  { arm, plan: { golden } }: Pick<VmLayerDeps, 'arm' | 'plan'>,
  { retry, deadline }: LayerContext,
  cause: WaaError,
): Promise<WaaError | undefined> {
  const [, group, name] = SNAPSHOT_ID.exec(golden?.snapshotId ?? '') ?? [];
  if (!golden || group === undefined || name === undefined) return undefined;
  const snapshot = await retry('arm', (own) => arm.getSnapshot(group, name, own), { deadline });
  if (snapshot) return undefined;
  const hint = 'waa up --name NEW --image ANOTHER   (or without --image: Windows is installed)';
  return fail('OWN_IMAGE_UNKNOWN', { image: golden.image, hint }, { cause });
}
