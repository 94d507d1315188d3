import * as z from 'zod';
import { WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { Snapshot, SnapshotSpec } from './arm.js';
import type { ArmSession } from './session.js';

/** The api-version of disks and snapshots. */
export const DISKS_API = '2025-01-02';

const snapshotSchema = z.object({
  id: z.string(),
  name: z.string(),
  location: z.string(),
  tags: z.record(z.string(), z.string()).nullish(),
  properties: z.object({
    provisioningState: z.string().default('Unknown'),
    diskSizeGB: z.number().default(0),
    completionPercent: z.number().default(100),
  }),
});

const pathOf = (subscriptionId: string, group: string, name: string): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.Compute/snapshots/${name}?api-version=${DISKS_API}`;

/** The snapshot as it is, undefined when there is none. */
export async function getSnapshot(
  session: ArmSession,
  subscriptionId: string,
  group: string,
  name: string,
  deadline: Deadline,
): Promise<Snapshot | undefined> {
  try {
    const seen = await session.raw('GET', pathOf(subscriptionId, group, name), snapshotSchema, deadline);
    const { provisioningState, diskSizeGB, completionPercent } = seen.properties;
    return {
      id: seen.id,
      name: seen.name,
      region: seen.location,
      gb: diskSizeGB,
      tags: seen.tags ?? {},
      isComplete: provisioningState === 'Succeeded' && completionPercent >= 100,
      provisioningState,
    };
  } catch (error) {
    if (error instanceof WaaError && error.code === 'AZURE_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * Asks for a full snapshot: it depends on nothing, and Azure bills what is used of it, not the size of the disk.
 * https://learn.microsoft.com/azure/virtual-machines/snapshot-copy-managed-disk
 */
export async function putSnapshot(
  session: ArmSession,
  subscriptionId: string,
  { resourceGroup, name, region, tags, diskId }: SnapshotSpec,
  deadline: Deadline,
): Promise<void> {
  await session.raw('PUT', pathOf(subscriptionId, resourceGroup, name), z.unknown(), deadline, {
    location: region,
    tags: { ...tags },
    sku: { name: 'Standard_LRS' },
    properties: { creationData: { createOption: 'Copy', sourceResourceId: diskId }, incremental: false },
  });
}
