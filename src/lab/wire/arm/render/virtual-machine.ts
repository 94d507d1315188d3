import type { AttachedDisk, VirtualMachine } from '../../../world/azure/model.js';
import type { AzureState } from '../../../world/azure/state.js';
import { findTyped } from '../../../world/azure/state.js';
import { computeEtag, envelopeOf } from './envelope.js';
import { renderInstanceView } from './instance-view.js';

interface Wanted {
  readonly instanceView?: boolean;
  readonly userData?: boolean;
}

/** The GET body. Custom data and passwords are never shown; user data only when asked for. */
export function renderVm(state: AzureState, vm: VirtualMachine, wanted: Wanted = {}) {
  const { body } = vm;
  return {
    ...envelopeOf(vm),
    etag: computeEtag(vm),
    ...(vm.zones ? { zones: vm.zones } : {}),
    ...(vm.identityPrincipal === undefined
      ? {}
      : { identity: { type: 'SystemAssigned', principalId: vm.identityPrincipal, tenantId: state.options.tenantId } }),
    properties: {
      hardwareProfile: { vmSize: vm.size },
      provisioningState: vm.provisioningState,
      vmId: vm.guid,
      storageProfile: renderStorage(state, vm),
      ...(body.osProfile ? { osProfile: renderOsProfile(body.osProfile) } : {}),
      networkProfile: {
        networkInterfaces: vm.nics.map(({ id, primary, deleteOption }) => ({
          id,
          properties: { ...(primary === undefined ? {} : { primary }), deleteOption },
        })),
      },
      securityProfile: { ...body.securityProfile, securityType: vm.securityType },
      ...(body.diagnosticsProfile ? { diagnosticsProfile: body.diagnosticsProfile } : {}),
      ...(vm.priority === 'Spot'
        ? { priority: 'Spot', evictionPolicy: vm.evictionPolicy, billingProfile: { maxPrice: vm.maxPrice } }
        : {}),
      ...(wanted.userData === true && body.userData !== undefined ? { userData: body.userData } : {}),
      ...(wanted.instanceView === true ? { instanceView: renderInstanceView(state, vm) } : {}),
      timeCreated: new Date(vm.createdAt).toISOString(),
    },
  };
}

function renderOsProfile(profile: NonNullable<VirtualMachine['body']['osProfile']>) {
  const { customData: _customData, adminPassword: _adminPassword, ...shown } = profile;
  return {
    ...shown,
    ...(profile.linuxConfiguration
      ? {
          linuxConfiguration: {
            provisionVMAgent: true,
            patchSettings: { patchMode: 'ImageDefault', assessmentMode: 'ImageDefault' },
            ...profile.linuxConfiguration,
          },
        }
      : {}),
    secrets: [],
    allowExtensionOperations: profile.allowExtensionOperations ?? true,
    requireGuestProvisionSignal: true,
  };
}

function renderStorage(state: AzureState, vm: VirtualMachine) {
  const reference = vm.body.storageProfile?.imageReference;
  return {
    ...(reference && vm.image ? { imageReference: { ...reference, exactVersion: vm.image.version } } : {}),
    osDisk: { osType: 'Linux', ...renderDisk(state, vm, vm.osDisk) },
    dataDisks: vm.dataDisks.map((disk) => ({ lun: disk.lun, ...renderDisk(state, vm, disk), toBeDetached: false })),
    diskControllerType: vm.body.storageProfile?.diskControllerType ?? 'SCSI',
  };
}

/** Size and kind of a disk are not shown while the VM is deallocated, as in Azure. */
function renderDisk(state: AzureState, vm: VirtualMachine, disk: AttachedDisk) {
  const resource = findTyped(state, 'Microsoft.Compute/disks', disk.diskId);
  const hidden = vm.power === 'deallocated' || !resource;
  return {
    name: disk.name,
    createOption: disk.createOption,
    caching: disk.caching,
    managedDisk: { ...(hidden ? {} : { storageAccountType: resource.sku }), id: disk.diskId },
    deleteOption: disk.deleteOption,
    ...(hidden ? {} : { diskSizeGB: resource.contents.sizeGb }),
  };
}
