import type { Disk } from '../contracts.js';
import { changeNotAllowed, invalidParameter, operationNotAllowed, refuse } from './arm-error.js';
import type { DiskBody } from './bodies/compute.js';
import { copyContents } from './copy-contents.js';
import type { Tags } from './bodies/common.js';
import type { ManagedDisk, SecurityType } from './model.js';
import { checkComputeName, checkTags } from './names.js';
import type { Operation } from './operations.js';
import type { AzureState, Place, Written } from './state.js';
import { add, findAt, findTyped, newTracked, placeLocation, remove, touch, writableGroup } from './state.js';

const type = 'Microsoft.Compute/disks';
const diskMs = 3000;

export const diskSkus: readonly string[] = [
  'Premium_LRS',
  'StandardSSD_LRS',
  'Standard_LRS',
  'PremiumV2_LRS',
  'UltraSSD_LRS',
  'Premium_ZRS',
  'StandardSSD_ZRS',
];

/** Performance tier of a Premium SSD, by its size rounded up. */
export const premiumTier = (sizeGb: number): string =>
  (
    [
      [4, 'P1'],
      [8, 'P2'],
      [16, 'P3'],
      [32, 'P4'],
      [64, 'P6'],
      [128, 'P10'],
      [256, 'P15'],
      [512, 'P20'],
      [1024, 'P30'],
      [2048, 'P40'],
      [4096, 'P50'],
      [8192, 'P60'],
      [16_384, 'P70'],
    ] as const
  ).find(([gb]) => sizeGb <= gb)?.[1] ?? 'P80';

/** What a new disk is made with. */
export interface NewDisk {
  readonly place: Place;
  readonly location: string;
  readonly tags: Tags;
  readonly sku: string;
  readonly sizeGb: number;
  readonly zones: readonly string[] | undefined;
  readonly creation: ManagedDisk['creation'];
  readonly os?: {
    readonly type: 'Linux' | 'Windows';
    readonly generation: 'V1' | 'V2';
    readonly securityType: SecurityType;
  };
  readonly managedBy: string | undefined;
  /** What it is a copy of. */
  readonly source?: Disk;
}

/** Makes a disk at once: blank, holding a fresh operating system, or a copy. */
export function makeDisk(state: AzureState, spec: NewDisk): ManagedDisk {
  const id = state.simulation.randomGuid();
  const fresh: Disk = {
    id,
    sizeGb: spec.sizeGb,
    label: spec.os ? 'cloudimg-rootfs' : '',
    formatted: spec.os !== undefined,
    files: new Map(),
    usedBytes: new Map(),
    data: new Map(),
  };
  const disk: ManagedDisk = {
    ...newTracked(state, type, spec.place, spec.location, spec.tags),
    sku: spec.sku,
    zones: spec.zones,
    creation: spec.creation,
    osType: spec.os?.type,
    generation: spec.os?.generation,
    securityType: spec.os?.securityType,
    contents: spec.source ? copyContents(spec.source, id, spec.sizeGb) : fresh,
    managedBy: spec.managedBy,
    provisioningState: 'Succeeded',
  };
  add(state, disk);
  return disk;
}

/** Creates an empty disk, or updates tags and kind of an existing one. Uploads are not offered, nor copies beside a VM. */
export function putDisk(state: AzureState, place: Place, body: DiskBody): Written<ManagedDisk> {
  writableGroup(state, place.group);
  checkComputeName(place.name, 'diskName');
  const location = placeLocation(state, type, place, body.location);
  const tags = body.tags ?? {};
  checkTags(tags);
  const sku = body.sku?.name ?? 'Standard_LRS';
  if (!diskSkus.includes(sku)) throw invalidParameter('disk.sku.name');
  const existing = findAt(state, type, place);
  const { creationData, diskSizeGB } = body.properties;
  if (existing) {
    if (creationData.createOption !== existing.creation.createOption) throw changeNotAllowed('creationData');
    if (diskSizeGB !== undefined && diskSizeGB !== existing.contents.sizeGb) throw invalidParameter('disk.diskSizeGB');
    existing.sku = sku;
    existing.tags = tags;
    touch(state, existing);
    return { resource: existing, created: false, operation: diskOperation(state, existing, 'update') };
  }
  if (creationData.createOption !== 'Empty') throw invalidParameter('disk.creationData.createOption');
  if (diskSizeGB === undefined) {
    throw invalidParameter('disk.diskSizeGB', "Required parameter 'disk.diskSizeGB' is missing (null).");
  }
  const disk = makeDisk(state, {
    place,
    location,
    tags,
    sku,
    sizeGb: diskSizeGB,
    zones: body.zones,
    creation: { createOption: 'Empty' },
    managedBy: undefined,
  });
  disk.provisioningState = 'Updating';
  return { resource: disk, created: true, operation: diskOperation(state, disk, 'create') };
}

/** Begins to delete a disk; undefined when there is none. Refused while a VM owns it. */
export function deleteDisk(state: AzureState, place: Place): Operation | undefined {
  writableGroup(state, place.group);
  const disk = findAt(state, type, place);
  if (!disk) return undefined;
  if (disk.managedBy !== undefined) throw operationNotAllowed(`Disk ${disk.name} is attached to VM ${disk.managedBy}.`);
  const operation = state.operations.begin('Microsoft.Compute', disk.location, 'delete', disk.name);
  disk.operation = operation;
  disk.provisioningState = 'Deleting';
  operation.after(diskMs, () => {
    operation.succeed();
    remove(state, disk);
  });
  return operation;
}

/** Azure's word for what a disk is doing. */
export function diskState(state: AzureState, disk: ManagedDisk): 'Unattached' | 'Attached' | 'Reserved' {
  if (disk.managedBy === undefined) return 'Unattached';
  const vm = findTyped(state, 'Microsoft.Compute/virtualMachines', disk.managedBy);
  return vm?.power === 'deallocated' ? 'Reserved' : 'Attached';
}

/** A disk that a VM may take, or the provider's refusal. */
export function attachableDisk(
  state: AzureState,
  id: string,
  vm: { readonly id: string; readonly location: string; readonly zones: readonly string[] | undefined },
): ManagedDisk {
  const disk = findTyped(state, type, id);
  if (!disk || disk.provisioningState === 'Deleting')
    throw refuse(404, 'NotFound', `Disk ${id.split('/').at(-1) ?? id} is not found.`);
  if (disk.location !== vm.location) {
    throw refuse(
      400,
      'BadRequest',
      `Disk ${disk.name} cannot be attached to the VM because it is not in region '${vm.location}'.`,
    );
  }
  if (disk.zones && disk.zones.join() !== (vm.zones ?? []).join()) {
    throw refuse(
      400,
      'BadRequest',
      `Disk ${disk.name} cannot be attached to the VM because it is not in zone '${(vm.zones ?? []).join()}'.`,
    );
  }
  if (disk.managedBy !== undefined && disk.managedBy.toLowerCase() !== vm.id.toLowerCase()) {
    throw refuse(
      409,
      'ConflictingUserInput',
      `Disk '${disk.name}' cannot be attached as the disk is already owned by VM '${disk.managedBy}'.`,
    );
  }
  return disk;
}

function diskOperation(state: AzureState, disk: ManagedDisk, name: string): Operation {
  const operation = state.operations.begin('Microsoft.Compute', disk.location, name, disk.name);
  disk.operation = operation;
  operation.after(diskMs, () => {
    disk.provisioningState = 'Succeeded';
    operation.succeed();
  });
  return operation;
}
