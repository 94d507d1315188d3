import type { VirtualMachine as SdkVm } from '@azure/arm-compute';
import type { PowerState, VirtualMachine } from './arm.js';
import { DATA_DISK_LUN } from './vm-body.js';

const POWER_STATES: readonly PowerState[] = [
  'starting',
  'running',
  'stopping',
  'stopped',
  'deallocating',
  'deallocated',
];

function powerOf(vm: SdkVm): PowerState {
  for (const status of vm.instanceView?.statuses ?? []) {
    const name = /^PowerState\/(\w+)$/i.exec(status.code ?? '')?.[1]?.toLowerCase();
    const known = POWER_STATES.find((state) => state === name);
    if (known) return known;
  }
  return 'unknown';
}

/** The time of the last operation stands with the provisioning state; power states carry none. */
function changedAtMs(vm: SdkVm): number | undefined {
  const status = vm.instanceView?.statuses?.find((one) => /^ProvisioningState\//i.test(one.code ?? ''));
  return status?.time?.getTime();
}

/** The NIC that carries the public address. */
export function primaryNicId(vm: SdkVm): string | undefined {
  const nics = vm.networkProfile?.networkInterfaces ?? [];
  return (nics.find((nic) => nic.primary) ?? nics[0])?.id;
}

function deletesWithVm(vm: SdkVm): boolean {
  const nics = vm.networkProfile?.networkInterfaces ?? [];
  const disks = [vm.storageProfile?.osDisk, ...(vm.storageProfile?.dataDisks ?? [])];
  return [...nics, ...disks].every((part) => part?.deleteOption === 'Delete');
}

/** Model and instance view of a VM, with the public address found beside it, in our terms. */
export function vmView(vm: SdkVm, publicIp: string | undefined): VirtualMachine {
  return {
    id: vm.id ?? '',
    vmId: vm.vmId ?? '',
    name: vm.name ?? '',
    region: vm.location,
    size: vm.hardwareProfile?.vmSize ?? '',
    securityType: vm.securityProfile?.securityType,
    provisioningState: vm.provisioningState ?? 'Unknown',
    power: powerOf(vm),
    tags: vm.tags ?? {},
    nicId: primaryNicId(vm),
    dataDiskId: vm.storageProfile?.dataDisks?.find(({ lun }) => lun === DATA_DISK_LUN)?.managedDisk?.id,
    deletesWithVm: deletesWithVm(vm),
    publicIp,
    spot: vm.priority === 'Spot',
    zone: vm.zones?.[0],
    createdAtMs: vm.timeCreated?.getTime(),
    changedAtMs: changedAtMs(vm),
  };
}
