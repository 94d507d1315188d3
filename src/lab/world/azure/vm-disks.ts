import { changeNotAllowed, invalidParameter, operationNotAllowed, refuse } from './arm-error.js';
import type { DataDiskBody, OsDiskBody } from './bodies/compute.js';
import { attachableDisk, diskSkus, makeDisk, type NewDisk } from './disks.js';
import { idKey } from './ids.js';
import type { PlatformImage } from './images.js';
import type { AttachedDisk, ManagedDisk, SecurityType, Snapshot } from './model.js';
import type { VmSize } from './sizes.js';
import { copyableSnapshot } from './snapshots.js';
import type { AzureState } from './state.js';
import { findAt, findTyped, touch } from './state.js';

/** The VM that disks are made for or attached to. */
export interface DiskOwner {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly location: string;
  readonly zones: readonly string[] | undefined;
}

/** A disk that the VM will have: found or still to be made. Nothing is changed until `take` is called. */
export interface PlannedDisk {
  readonly lun: number;
  take(): AttachedDisk;
}

/** Checks the data disks of a PUT against the size and what is attached now. */
export function planDataDisks(
  state: AzureState,
  owner: DiskOwner,
  size: VmSize,
  bodies: readonly DataDiskBody[],
  current: readonly AttachedDisk[],
): readonly PlannedDisk[] {
  const wanted = bodies.filter((body) => body.toBeDetached !== true);
  if (wanted.length > size.maxDataDisks) {
    throw operationNotAllowed(
      `The maximum number of data disks allowed to be attached to a VM of this size is ${size.maxDataDisks}.`,
    );
  }
  const luns = new Set<number>();
  const ids = new Set<string>();
  return wanted.map((body) => {
    if (luns.has(body.lun)) throw invalidParameter('dataDisk.lun', `A disk at LUN ${body.lun} already exists.`);
    luns.add(body.lun);
    if (body.lun >= 64) throw invalidParameter('dataDisk.lun');
    const kept = current.find((disk) => disk.lun === body.lun && isSameDisk(disk, body));
    if (kept) {
      checkSource(state, kept, body);
      return { lun: kept.lun, take: () => ({ ...kept, ...settingsOf(body, kept) }) };
    }
    const plan = body.createOption === 'Attach' ? planAttach(state, owner, body) : planNew(state, owner, body);
    if (plan.id !== undefined) {
      const key = plan.id.toLowerCase();
      const attached = current.find((disk) => disk.diskId.toLowerCase() === key);
      const again = attached !== undefined && bodies.some((entry) => entry !== body && isSameDisk(attached, entry));
      if (ids.has(key) || again)
        throw refuse(409, 'ConflictingUserInput', `Disk '${plan.id}' is attached more than once.`);
      ids.add(key);
    }
    return plan;
  });
}

/** What a disk was copied from is fixed; the snapshot itself may be gone by now. */
function checkSource(state: AzureState, kept: AttachedDisk, { sourceResource }: DataDiskBody): void {
  if (sourceResource?.id === undefined) return;
  const { sourceId = '' } = findTyped(state, 'Microsoft.Compute/disks', kept.diskId)?.creation ?? {};
  if (idKey(sourceId) !== idKey(sourceResource.id)) throw changeNotAllowed('dataDisk.sourceResource');
}

const isSameDisk = (disk: AttachedDisk, body: DataDiskBody): boolean =>
  body.managedDisk?.id === undefined
    ? body.name !== undefined && body.name.toLowerCase() === disk.name.toLowerCase()
    : body.managedDisk.id.toLowerCase() === disk.diskId.toLowerCase();

const settingsOf = (body: DataDiskBody | OsDiskBody, old?: AttachedDisk) => ({
  caching: body.caching ?? old?.caching ?? ('None' as const),
  deleteOption: body.deleteOption ?? old?.deleteOption ?? ('Detach' as const),
});

function planAttach(state: AzureState, owner: DiskOwner, body: DataDiskBody): PlannedDisk & { readonly id: string } {
  const disk = namedDisk(state, owner, body, 'dataDisk');
  if (disk.osType !== undefined && disk.managedBy !== undefined) throw invalidParameter('dataDisk.managedDisk.id');
  return { id: disk.id, lun: body.lun, take: () => attach(state, owner, disk, body, body.lun) };
}

/** A blank disk, or a copy of a snapshot. */
function planNew(state: AzureState, owner: DiskOwner, body: DataDiskBody): PlannedDisk & { readonly id: undefined } {
  const { createOption } = body;
  if (createOption !== 'Empty' && createOption !== 'Copy') throw invalidParameter('dataDisk.createOption');
  const source = createOption === 'Copy' ? snapshotOf(state, owner, body) : undefined;
  if (!source && body.sourceResource) throw invalidParameter('dataDisk.sourceResource');
  const sizeGb = body.diskSizeGB ?? source?.contents.sizeGb;
  if (sizeGb === undefined) throw missing('dataDisk.diskSizeGB');
  const sku = skuOf(body, owner);
  const name = body.name ?? `${owner.name}_disk${body.lun + 2}_${state.simulation.randomHex(32)}`;
  checkNew(state, owner, name);
  const creation = { createOption, ...(source ? { sourceId: source.id } : {}) };
  const copied = source ? { source: source.contents } : {};
  const make = (): ManagedDisk => newDisk(state, owner, { name, sku, sizeGb, creation, ...copied });
  return { id: undefined, lun: body.lun, take: () => attach(state, owner, make(), body, body.lun) };
}

function snapshotOf(state: AzureState, owner: DiskOwner, body: DataDiskBody): Snapshot {
  const id = body.sourceResource?.id;
  if (id === undefined) throw missing('dataDisk.sourceResource.id');
  return copyableSnapshot(state, id, owner.location, body.diskSizeGB);
}

const missing = (field: string) => invalidParameter(field, `Required parameter '${field}' is missing (null).`);

/** The OS disk: a copy of the image, or an existing disk attached. */
export function planOsDisk(
  state: AzureState,
  owner: DiskOwner,
  body: OsDiskBody | undefined,
  image: PlatformImage | undefined,
  securityType: SecurityType,
): PlannedDisk {
  if (!body) throw invalidParameter('osDisk', "Required parameter 'osDisk' is missing (null).");
  if (body.createOption === 'Attach') {
    const disk = namedDisk(state, owner, body, 'osDisk');
    if (disk.osType === undefined) throw invalidParameter('osDisk.managedDisk.id');
    if (disk.securityType !== securityType) {
      throw refuse(
        400,
        'BadRequest',
        'Security type of VM is not compatible with the security type of attached OS Disk.',
      );
    }
    return { lun: -1, take: () => attach(state, owner, disk, body, -1) };
  }
  if (body.createOption !== 'FromImage' || !image) throw invalidParameter('osDisk.createOption');
  const sizeGb = body.diskSizeGB ?? image.sizeGb;
  if (sizeGb < image.sizeGb) {
    throw refuse(
      409,
      'ResizeDiskError',
      `The specified disk size ${sizeGb} GB is smaller than the size of the corresponding disk in the VM image: ${image.sizeGb} GB. ` +
        'This is not allowed. Please choose equal or greater size or do not specify an explicit size.',
    );
  }
  if (sizeGb > 4095) throw invalidParameter('osDisk.diskSizeGB');
  const sku = skuOf(body, owner);
  if (sku === 'PremiumV2_LRS' || sku === 'UltraSSD_LRS')
    throw invalidParameter('osDisk.managedDisk.storageAccountType');
  const name = body.name ?? `${owner.name}_OsDisk_1_${state.simulation.randomHex(32)}`;
  checkNew(state, owner, name);
  const urn = `${image.publisher}:${image.offer}:${image.sku}:${image.version}`;
  const creation = { createOption: 'FromImage' as const, imageReference: urn };
  const os = { type: 'Linux' as const, generation: image.generation, securityType };
  const make = (): ManagedDisk => newDisk(state, owner, { name, sku, sizeGb, creation, os });
  return { lun: -1, take: () => attach(state, owner, make(), body, -1) };
}

/** The existing disk that a body names. */
function namedDisk(
  state: AzureState,
  owner: DiskOwner,
  body: DataDiskBody | OsDiskBody,
  part: 'dataDisk' | 'osDisk',
): ManagedDisk {
  const id = body.managedDisk?.id;
  if (id !== undefined) return attachableDisk(state, id, owner);
  const field = `${part}.managedDisk.id`;
  throw missing(field);
}

/** A disk beside its VM, which nothing uses yet. */
function newDisk(
  state: AzureState,
  { group, location, zones }: DiskOwner,
  { name, ...spec }: Pick<NewDisk, 'sku' | 'sizeGb' | 'creation' | 'os' | 'source'> & { readonly name: string },
): ManagedDisk {
  return makeDisk(state, { ...spec, place: { group, name }, location, zones, tags: {}, managedBy: undefined });
}

/** Takes a disk from its VM; its contents stay. */
export function detach(state: AzureState, diskId: string): void {
  const disk = findTyped(state, 'Microsoft.Compute/disks', diskId);
  if (!disk) return;
  disk.managedBy = undefined;
  touch(state, disk);
}

function attach(
  state: AzureState,
  owner: DiskOwner,
  disk: ManagedDisk,
  body: DataDiskBody | OsDiskBody,
  lun: number,
): AttachedDisk {
  disk.managedBy = owner.id;
  touch(state, disk);
  return { diskId: disk.id, name: disk.name, lun, createOption: body.createOption, ...settingsOf(body) };
}

function skuOf(body: DataDiskBody | OsDiskBody, owner: DiskOwner): string {
  const sku = body.managedDisk?.storageAccountType ?? 'Premium_LRS';
  if (!diskSkus.includes(sku)) throw invalidParameter('managedDisk.storageAccountType');
  if (sku === 'PremiumV2_LRS' || sku === 'UltraSSD_LRS') {
    if (!owner.zones || owner.zones.length === 0)
      throw refuse(400, 'BadRequest', `Disks of type ${sku} need a VM in an availability zone.`);
    if ((body.caching ?? 'None') !== 'None') throw invalidParameter('dataDisk.caching');
  }
  return sku;
}

function checkNew(state: AzureState, owner: DiskOwner, name: string): void {
  if (!findAt(state, 'Microsoft.Compute/disks', { group: owner.group, name })) return;
  throw refuse(
    409,
    'ConflictingUserInput',
    `Disk ${name} already exists in resource group ${owner.group.toUpperCase()}. Only CreateOption.Attach is supported.`,
  );
}
