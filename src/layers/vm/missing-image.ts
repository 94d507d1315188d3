import { asWaaError, fail, type WaaError } from '../../failures/waa-error.js';
import type { LayerContext } from '../layer.js';
import type { VmLayerDeps } from './deps.js';

/** Group and name in the ARM id of a snapshot. */
const SNAPSHOT_ID = /\/resourceGroups\/([^/]+)\/.*\/snapshots\/([^/]+)$/i;

/**
 * The failure to tell where a VM could not be made: OWN_IMAGE_UNKNOWN when the golden image of its disk was certainly deleted
 * since, because Azure names a snapshot then, which nobody has ever seen. Otherwise the given one, with why the image could
 * not be looked at as evidence. Raises only what ends the deadline.
 */
export async function blameMissingImage(
  { arm, plan: { golden } }: Pick<VmLayerDeps, 'arm' | 'plan'>,
  { retry, deadline }: LayerContext,
  failure: WaaError,
): Promise<WaaError> {
  const [, group, name] = SNAPSHOT_ID.exec(golden?.snapshotId ?? '') ?? [];
  if (!golden || group === undefined || name === undefined) return failure;
  try {
    const snapshot = await retry('arm', (own) => arm.getSnapshot(group, name, own), { deadline });
    if (snapshot) return failure;
  } catch (error) {
    if (deadline.signal.aborted) throw error;
    return failure.withEvidence([{ title: `look at golden image ${golden.image}`, text: asWaaError(error).message }]);
  }
  const hint = 'waa up --name NEW --image ANOTHER   (or without --image: Windows is installed)';
  return fail('OWN_IMAGE_UNKNOWN', { image: golden.image, hint }, { cause: failure });
}
