import { changeNotAllowed, invalidParameter, operationNotAllowed, refuse } from './arm-error.js';
import type { VmBody, VmPatchBody } from './bodies/compute.js';
import { findImage, type PlatformImage } from './images.js';
import { setAllocated } from './meter.js';
import type { VirtualMachine } from './model.js';
import { checkComputeName, checkTags } from './names.js';
import type { Operation } from './operations.js';
import { checkCoreQuota, exhaustedQuotaError } from './quota.js';
import type { VmSize } from './sizes.js';
import type { AzureState, Place, Written } from './state.js';
import {
  add,
  findAt,
  findTyped,
  newTracked,
  placeId,
  placeLocation,
  remove,
  resourceAt,
  touch,
  writableGroup,
} from './state.js';
import { detach, planDataDisks, planOsDisk } from './vm-disks.js';
import { attachNics, planNics, releaseNics } from './vm-nics.js';
import { checkOffer, checkZones, sizeNamed } from './vm-offer.js';
import { beginVmOperation, completeVmOperation, findsNoPlace, machineOf, powerDown, powerUp } from './vm-power.js';
import { readOsProfile, readSecurity, type OsSettings } from './vm-profile.js';
import { updateVm } from './vm-update.js';

const type = 'Microsoft.Compute/virtualMachines';
/** Key of the OS settings on an OS disk, so that a VM made by attaching it boots as before. */
const osSettingsKey = 'azure';

/** PUT of a VM: creates it, repairs one whose creation failed, or updates it. Refusals are compute's own. */
export function putVm(state: AzureState, place: Place, body: VmBody, apiVersion: string): Written<VirtualMachine> {
  writableGroup(state, place.group);
  checkComputeName(place.name, 'vmName');
  const location = placeLocation(state, type, place, body.location);
  checkTags(body.tags ?? {});
  const size = sizeNamed(body.properties.hardwareProfile?.vmSize);
  const existing = findAt(state, type, place);
  if (!existing) return { ...createVm(state, place, location, size, body, apiVersion), created: true };
  if (existing.power === undefined && existing.provisioningState === 'Failed')
    return repairVm(state, existing, size, body);
  return { resource: existing, created: false, operation: updateVm(state, existing, size, body) };
}

function createVm(state: AzureState, place: Place, location: string, size: VmSize, body: VmBody, apiVersion: string) {
  const { properties } = body;
  const id = placeId(state, type, place);
  checkZones(body.zones, place.name, location);
  const owner = { id, name: place.name, group: place.group, location, zones: body.zones };
  const image = imageOf(properties, size);
  const attaching = properties.storageProfile?.osDisk?.createOption === 'Attach';
  if (attaching && properties.osProfile) throw invalidParameter('osProfile', "Parameter 'osProfile' is not allowed.");
  const settings = attaching ? undefined : readOsProfile(properties.osProfile);
  const generation = image?.generation ?? attachedGeneration(state, properties) ?? 'V2';
  const securityType = readSecurity(state, properties.securityProfile, generation, apiVersion);
  const priority = readPriority(properties, size);
  checkController(properties, size);
  const nics = planNics(state, owner, size, properties.networkProfile);
  const osDisk = planOsDisk(state, owner, properties.storageProfile?.osDisk, image, securityType);
  const dataDisks = planDataDisks(state, owner, size, properties.storageProfile?.dataDisks ?? [], []);
  checkCapacity(state, owner, size, priority);

  const attachedOsDisk = osDisk.take();
  const os = osSettings(state, attachedOsDisk.diskId, settings);
  const vm: VirtualMachine = {
    ...newTracked(state, type, place, location, body.tags ?? {}),
    size: size.name,
    zones: body.zones,
    priority,
    evictionPolicy: priority === 'Spot' ? (properties.evictionPolicy ?? 'Deallocate') : undefined,
    maxPrice: priority === 'Spot' ? (properties.billingProfile?.maxPrice ?? -1) : undefined,
    securityType,
    image,
    body: properties,
    identityPrincipal: body.identity?.type === 'SystemAssigned' ? state.simulation.randomGuid() : undefined,
    customData: os.customData,
    adminUser: os.adminUser,
    sshPublicKeys: os.sshPublicKeys,
    osDisk: attachedOsDisk,
    dataDisks: dataDisks.map((disk) => disk.take()),
    nics,
    power: undefined,
    allocated: false,
    generalized: false,
    failure: undefined,
    succeededAt: undefined,
    machine: undefined,
  };
  add(state, vm);
  attachNics(state, vm.id, nics);
  return { resource: vm, operation: beginCreation(state, vm) };
}

/** The same PUT again on a VM that found no place: another try, with the disks and NICs it has. */
function repairVm(state: AzureState, vm: VirtualMachine, size: VmSize, body: VmBody): Written<VirtualMachine> {
  if (body.zones && body.zones.join() !== (vm.zones ?? []).join()) throw changeNotAllowed('zones');
  checkCapacity(state, vm, size, vm.priority);
  vm.size = size.name;
  vm.tags = body.tags ?? {};
  return { resource: vm, created: false, operation: beginCreation(state, vm) };
}

function beginCreation(state: AzureState, vm: VirtualMachine): Operation {
  const operation = beginVmOperation(state, vm, 'create', false);
  vm.provisioningState = 'Creating';
  vm.failure = undefined;
  setAllocated(state, vm, true);
  const total = state.simulation.draw('azure.vm.create');
  operation.after(total * 0.15, () => {
    if (findsNoPlace(state, vm, operation)) return;
    vm.power = 'starting';
    powerUp(machineOf(state, vm));
  });
  operation.after(total * 0.3, () => {
    vm.power = 'running';
  });
  operation.after(total, () => {
    completeVmOperation(state, vm, operation);
  });
  return operation;
}

/** PATCH: tags and, when deallocated, the size. */
export function patchVm(state: AzureState, place: Place, body: VmPatchBody): Written<VirtualMachine> {
  writableGroup(state, place.group);
  const vm = resourceAt(state, type, place);
  if (body.tags) checkTags(body.tags);
  const wanted = body.properties?.hardwareProfile?.vmSize;
  if (wanted !== undefined) {
    const properties = { ...vm.body, hardwareProfile: { vmSize: wanted } };
    const merged = { location: vm.location, tags: body.tags ?? vm.tags, properties };
    return { resource: vm, created: false, operation: updateVm(state, vm, sizeNamed(wanted), merged) };
  }
  if (body.tags) vm.tags = body.tags;
  touch(state, vm);
  return { resource: vm, created: false, operation: undefined };
}

/**
 * Begins to delete a VM; undefined when there is none. NICs, their public addresses and disks go with it where their
 * `deleteOption` says Delete; the others stay, NICs reserved for 180 s. A deletion already running is returned again.
 */
export function deleteVm(state: AzureState, place: Place, force: boolean): Operation | undefined {
  writableGroup(state, place.group);
  const vm = findAt(state, type, place);
  if (!vm) return undefined;
  if (vm.provisioningState === 'Deleting' && vm.operation) return vm.operation;
  const operation = beginVmOperation(state, vm, 'delete', true);
  vm.provisioningState = 'Deleting';
  powerDown(vm, operation, force ? 'hard' : 'graceful', state.simulation.draw('azure.vm.delete'), () => {
    operation.succeed();
    setAllocated(state, vm, false);
    remove(state, vm);
    releaseNics(state, vm.id, vm.nics);
    for (const nic of vm.nics) if (nic.deleteOption === 'Delete') removeNicWithAddress(state, nic.id);
    for (const disk of [vm.osDisk, ...vm.dataDisks]) {
      detach(state, disk.diskId);
      const resource = findTyped(state, 'Microsoft.Compute/disks', disk.diskId);
      if (resource && disk.deleteOption === 'Delete') remove(state, resource);
    }
  });
  return operation;
}

function removeNicWithAddress(state: AzureState, id: string): void {
  const nic = findTyped(state, 'Microsoft.Network/networkInterfaces', id);
  if (!nic) return;
  remove(state, nic);
  for (const { properties } of nic.ipConfigurations) {
    const ip = findTyped(state, 'Microsoft.Network/publicIPAddresses', properties.publicIPAddress?.id);
    const option = properties.publicIPAddress?.properties?.deleteOption ?? ip?.properties.deleteOption;
    if (ip && option === 'Delete') remove(state, ip);
  }
}

function checkCapacity(
  state: AzureState,
  vm: {
    readonly id: string;
    readonly name: string;
    readonly location: string;
    readonly zones: readonly string[] | undefined;
  },
  size: VmSize,
  priority: VirtualMachine['priority'],
): void {
  checkOffer(state, { vmId: vm.id, vmName: vm.name, location: vm.location, zones: vm.zones }, size);
  if (state.simulation.faults.strikes('azure-quota-exceeded', vm.name))
    throw exhaustedQuotaError(state, vm.location, size);
  checkCoreQuota(state, vm.location, size, priority);
}

function imageOf({ storageProfile }: VmBody['properties'], size: VmSize): PlatformImage | undefined {
  if (storageProfile?.osDisk?.createOption === 'Attach') return undefined;
  const reference = storageProfile?.imageReference;
  const { publisher, offer, sku, version } = reference ?? {};
  if (reference?.id !== undefined) {
    throw refuse(404, 'ImageNotFound', `The Image '${reference.id}' cannot be found.`, { target: 'imageReference' });
  }
  if (publisher === undefined || offer === undefined || sku === undefined || version === undefined) {
    throw invalidParameter('imageReference', "Required parameter 'imageReference' is missing (null).");
  }
  const image = findImage({ publisher, offer, sku, version });
  if (!image) {
    throw refuse(
      404,
      'PlatformImageNotFound',
      `The platform image '${publisher}:${offer}:${sku}:${version}' is not available. Verify that all fields in the storage profile ` +
        'are correct. For more details about storage profile information, please refer to https://aka.ms/storageprofile',
      { target: 'imageReference' },
    );
  }
  if (!size.generations.includes(image.generation)) {
    throw refuse(
      400,
      'BadRequest',
      `The selected VM size '${size.name}' cannot boot Hypervisor Generation '${image.generation.slice(1)}'. If this was a Create ` +
        'operation please check that the Hypervisor Generation of the Image matches the Hypervisor Generation of the selected VM ' +
        'Size. For more information, see https://aka.ms/azuregen2vm',
    );
  }
  return image;
}

function readPriority(properties: VmBody['properties'], size: VmSize): VirtualMachine['priority'] {
  const spot = properties.priority === 'Spot' || properties.priority === 'Low';
  if (!spot && properties.evictionPolicy !== undefined) {
    throw refuse(
      400,
      'EvictionPolicyCanBeSetOnlyOnLowPriorityVirtualMachines',
      'Eviction policy can be set only on spot Virtual Machines.',
    );
  }
  if (spot && !size.spotCapable) {
    throw refuse(
      400,
      'VariablePricingIsNotSupportedForThisVMSize',
      `The size ${size.name} is not supported for spot Virtual Machines.`,
    );
  }
  const price = properties.billingProfile?.maxPrice;
  if (price !== undefined && price !== -1 && price <= 0) {
    throw refuse(
      400,
      'MaxPriceValueInvalid',
      'Invalid max price value. The only supported values for max price are -1 or a decimal greater than zero.',
    );
  }
  return spot ? 'Spot' : 'Regular';
}

function checkController({ storageProfile }: VmBody['properties'], size: VmSize): void {
  const controller = storageProfile?.diskControllerType;
  if (controller !== undefined && !size.controllers.includes(controller)) {
    throw invalidParameter(
      'diskControllerType',
      `The VM size '${size.name}' does not support the disk controller type '${controller}'.`,
    );
  }
}

function attachedGeneration(state: AzureState, { storageProfile }: VmBody['properties']): 'V1' | 'V2' | undefined {
  return findTyped(state, 'Microsoft.Compute/disks', storageProfile?.osDisk?.managedDisk?.id)?.generation;
}

/** Settings from the PUT are kept on the disk; an attached disk brings its own. */
function osSettings(state: AzureState, diskId: string, settings: OsSettings | undefined): OsSettings {
  const data = findTyped(state, 'Microsoft.Compute/disks', diskId)?.contents.data;
  if (settings) data?.set(osSettingsKey, settings);
  const kept = settings ?? (data?.get(osSettingsKey) as OsSettings | undefined);
  if (!kept) throw operationNotAllowed('The attached OS disk holds no operating system.');
  return kept;
}
