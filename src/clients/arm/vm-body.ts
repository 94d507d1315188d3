import type { DataDisk, VirtualMachine as SdkVm } from '@azure/arm-compute';
import type { VmSpec } from './arm.js';
import { vmResourceNames } from './resource-names.js';

/** Ubuntu 24.04, generation 2; the older generation is `server-gen1`. https://documentation.ubuntu.com/azure/azure-how-to/instances/find-ubuntu-images */
const IMAGE = { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server', version: 'latest' } as const;
/** cloud-init finds the data disk by this number, never by its device name. */
export const DATA_DISK_LUN = 0;
const PREMIUM = { storageAccountType: 'Premium_LRS' };

/**
 * The request body for a worker VM. Everything is deleted with the VM (Azure's default is to keep it), the security type
 * is always stated because Azure's default becomes Trusted Launch, and there is no password.
 */
export function vmBody(spec: VmSpec, nicId: string): SdkVm {
  const names = vmResourceNames(spec.name);
  return {
    location: spec.region,
    tags: { ...spec.tags },
    ...(spec.zone === undefined ? {} : { zones: [spec.zone] }),
    hardwareProfile: { vmSize: spec.size },
    storageProfile: {
      imageReference: { ...IMAGE },
      osDisk: {
        name: names.osDisk,
        createOption: 'FromImage',
        caching: 'ReadWrite',
        diskSizeGB: spec.osDiskGb,
        managedDisk: PREMIUM,
        deleteOption: 'Delete',
      },
      dataDisks: [dataDisk(spec)],
    },
    osProfile: {
      computerName: spec.name,
      adminUsername: spec.adminUser,
      customData: Buffer.from(spec.customData, 'utf8').toString('base64'),
      linuxConfiguration: {
        disablePasswordAuthentication: true,
        provisionVMAgent: true,
        ssh: { publicKeys: [{ path: `/home/${spec.adminUser}/.ssh/authorized_keys`, keyData: spec.sshPublicKey }] },
      },
    },
    networkProfile: { networkInterfaces: [{ id: nicId, primary: true, deleteOption: 'Delete' }] },
    securityProfile: { securityType: 'Standard' },
    diagnosticsProfile: { bootDiagnostics: { enabled: true } },
    ...(spec.spot ? { priority: 'Spot', evictionPolicy: 'Deallocate', billingProfile: { maxPrice: -1 } } : {}),
  };
}

/**
 * Blank, a copy of a snapshot, or a disk that is there. With `Copy` Azure makes the disk together with the VM, so that there
 * never is one without the other. https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update#datadisk
 */
function dataDisk({ name, dataDiskGb, dataDiskId, dataSnapshotId }: VmSpec): DataDisk {
  const common = { lun: DATA_DISK_LUN, caching: 'None', deleteOption: 'Delete' } as const;
  if (dataDiskId !== undefined) return { ...common, createOption: 'Attach', managedDisk: { id: dataDiskId } };
  return {
    ...common,
    name: vmResourceNames(name).dataDisk,
    diskSizeGB: dataDiskGb,
    managedDisk: PREMIUM,
    ...(dataSnapshotId === undefined
      ? { createOption: 'Empty' }
      : { createOption: 'Copy', sourceResource: { id: dataSnapshotId } }),
  };
}
