import { changeNotAllowed, invalidParameter, refuse } from './arm-error.js';
import type { SnapshotBody } from './bodies/compute.js';
import { copyContents } from './copy-contents.js';
import { idKey } from './ids.js';
import type { ManagedDisk, Snapshot } from './model.js';
import { checkComputeName, checkTags } from './names.js';
import type { Operation } from './operations.js';
import {
  add,
  findAt,
  findTyped,
  newTracked,
  placeLocation,
  remove,
  touch,
  writableGroup,
  type AzureState,
  type Place,
  type Written,
} from './state.js';

const type = 'Microsoft.Compute/snapshots';
const snapshotMs = 4000;

const snapshotSkus: readonly string[] = ['Standard_LRS', 'Premium_LRS', 'Standard_ZRS'];

/**
 * Creates a snapshot of a disk as it is at this moment, also of one in use; on an existing one changes kind and tags.
 * https://learn.microsoft.com/rest/api/compute/snapshots/create-or-update
 */
export function putSnapshot(state: AzureState, place: Place, body: SnapshotBody): Written<Snapshot> {
  writableGroup(state, place.group);
  checkComputeName(place.name, 'snapshotName');
  const location = placeLocation(state, type, place, body.location);
  const tags = body.tags ?? {};
  checkTags(tags);
  const sku = body.sku?.name ?? 'Standard_LRS';
  if (!snapshotSkus.includes(sku)) throw invalidParameter('snapshot.sku.name');
  const { creationData, incremental = false } = body.properties;
  const existing = findAt(state, type, place);
  if (existing) {
    const source = creationData.sourceResourceId;
    if (source !== undefined && idKey(source) !== idKey(existing.sourceId)) throw changeNotAllowed('creationData');
    if (incremental !== existing.incremental) throw changeNotAllowed('incremental');
    existing.sku = sku;
    existing.tags = tags;
    touch(state, existing);
    return { resource: existing, created: false, operation: undefined };
  }
  const disk = sourceOf(state, creationData, location);
  const snapshot: Snapshot = {
    ...newTracked(state, type, place, location, tags),
    sku,
    incremental,
    sourceId: disk.id,
    sourceGuid: disk.guid,
    osType: disk.osType,
    generation: disk.generation,
    contents: copyContents(disk.contents, state.simulation.randomGuid()),
    provisioningState: 'Updating',
  };
  add(state, snapshot);
  const operation = state.operations.begin('Microsoft.Compute', location, 'create', snapshot.name);
  snapshot.operation = operation;
  operation.after(snapshotMs, () => {
    snapshot.provisioningState = 'Succeeded';
    operation.succeed();
  });
  return { resource: snapshot, created: true, operation };
}

/** Begins to delete a snapshot; undefined when there is none. Disks made from it stand on their own. */
export function deleteSnapshot(state: AzureState, place: Place): Operation | undefined {
  writableGroup(state, place.group);
  const snapshot = findAt(state, type, place);
  if (!snapshot) return undefined;
  snapshot.operation?.preempt();
  const operation = state.operations.begin('Microsoft.Compute', snapshot.location, 'delete', snapshot.name);
  snapshot.operation = operation;
  snapshot.provisioningState = 'Deleting';
  operation.after(snapshotMs, () => {
    operation.succeed();
    remove(state, snapshot);
  });
  return operation;
}

/** A snapshot that a disk of this region may be copied from, or the provider's refusal. */
export function copyableSnapshot(state: AzureState, id: string, location: string, sizeGb: number | undefined) {
  const snapshot = findTyped(state, type, id);
  if (!snapshot || snapshot.provisioningState === 'Deleting')
    throw refuse(404, 'NotFound', `Snapshot ${id.split('/').at(-1) ?? id} is not found.`);
  checkRegion(snapshot, location);
  if (snapshot.provisioningState !== 'Succeeded') {
    throw refuse(409, 'OperationNotAllowed', `Snapshot ${snapshot.name} is not ready to be copied from.`);
  }
  if (sizeGb !== undefined && sizeGb < snapshot.contents.sizeGb) {
    throw refuse(
      400,
      'BadRequest',
      `Disk size ${sizeGb} GB is smaller than the size of its source, ${snapshot.contents.sizeGb} GB.`,
    );
  }
  return snapshot;
}

function sourceOf(
  state: AzureState,
  { createOption, sourceResourceId }: SnapshotBody['properties']['creationData'],
  location: string,
): ManagedDisk {
  if (createOption !== 'Copy') throw invalidParameter('snapshot.creationData.createOption');
  if (sourceResourceId === undefined) {
    const target = 'snapshot.creationData.sourceResourceId';
    throw invalidParameter(target, `Required parameter '${target}' is missing (null).`);
  }
  const disk = findTyped(state, 'Microsoft.Compute/disks', sourceResourceId);
  if (!disk || disk.provisioningState === 'Deleting')
    throw refuse(404, 'NotFound', `Disk ${sourceResourceId.split('/').at(-1) ?? sourceResourceId} is not found.`);
  checkRegion(disk, location);
  return disk;
}

/** A copy stands in the region of its source; another region takes `CopyStart`, which the lab does not offer. */
function checkRegion(source: { readonly name: string; readonly location: string }, location: string): void {
  if (source.location === location) return;
  throw refuse(
    400,
    'BadRequest',
    `The source ${source.name} is in region '${source.location}'; a copy in region '${location}' cannot be made from it.`,
  );
}
