import { changeNotAllowed, operationNotAllowed } from './arm-error.js';
import type { VmBody } from './bodies/compute.js';
import type { VirtualMachine } from './model.js';
import type { Operation } from './operations.js';
import type { VmSize } from './sizes.js';
import type { AzureState } from './state.js';
import { detach, planDataDisks } from './vm-disks.js';
import { attachNics, planNics, releaseNics } from './vm-nics.js';
import { beginVmOperation, finishSoon } from './vm-power.js';

/** PUT on an existing VM: tags, data disks and, while it is deallocated, size and NICs. The rest was fixed at creation. */
export function updateVm(state: AzureState, vm: VirtualMachine, size: VmSize, body: VmBody): Operation {
  const { properties } = body;
  checkFixed(vm, body);
  const resized = size.name !== vm.size;
  const deallocated = vm.power === 'deallocated';
  const busy = vm.operation?.status === 'InProgress';
  if (resized && !deallocated && !busy) {
    throw operationNotAllowed(
      `Unable to resize the VM because the requested size ${size.name} is not available in the cluster where the VM is currently ` +
        `allocated. To resize your VM to ${size.name} please deallocate (this is the Stop operation in the Azure portal) and try the ` +
        'resize operation again.',
    );
  }
  const nics = planNics(state, vm, size, properties.networkProfile ?? vm.body.networkProfile);
  const otherNics =
    nics.map((nic) => nic.id.toLowerCase()).join() !== vm.nics.map((nic) => nic.id.toLowerCase()).join();
  if (otherNics && !deallocated && !busy) {
    throw operationNotAllowed(
      `Secondary network interfaces cannot be added to or removed from VM '${vm.name}' because the VM is not deallocated.`,
    );
  }
  const planned = planDataDisks(state, vm, size, properties.storageProfile?.dataDisks ?? [], vm.dataDisks);

  const operation = beginVmOperation(state, vm, 'update', false);
  const dataDisks = planned.map((disk) => disk.take());
  for (const old of vm.dataDisks) {
    if (!dataDisks.some((disk) => disk.diskId === old.diskId)) detach(state, old.diskId);
  }
  if (otherNics) releaseNics(state, vm.id, vm.nics);
  attachNics(state, vm.id, nics);
  vm.nics = nics;
  vm.dataDisks = dataDisks;
  vm.size = size.name;
  vm.tags = body.tags ?? {};
  vm.body = properties;
  return finishSoon(state, vm, operation);
}

/** Raises `PropertyChangeNotAllowed` for what a VM keeps for life. What the client leaves out is not a change. */
function checkFixed(vm: VirtualMachine, body: VmBody): void {
  const { properties } = body;
  const { storageProfile, osProfile } = properties;
  const before = vm.body;
  const image = storageProfile?.imageReference;
  const oldImage = before.storageProfile?.imageReference;
  for (const field of ['publisher', 'offer', 'sku', 'version', 'id'] as const) {
    if (image && image[field] !== oldImage?.[field]) throw changeNotAllowed('imageReference');
  }
  const fixed: readonly (readonly [string, unknown, unknown])[] = [
    ['osDisk.name', storageProfile?.osDisk?.name, vm.osDisk.name],
    ['osProfile.computerName', osProfile?.computerName, before.osProfile?.computerName],
    ['osProfile.adminUsername', osProfile?.adminUsername, before.osProfile?.adminUsername],
    ['osProfile.customData', osProfile?.customData, before.osProfile?.customData],
    ['linuxConfiguration.ssh.publicKeys', keysOf(osProfile), keysOf(before.osProfile)],
    ['priority', properties.priority, before.priority ?? vm.priority],
    ['securityProfile.securityType', properties.securityProfile?.securityType, vm.securityType],
    ['zones', body.zones?.join(), vm.zones?.join()],
  ];
  for (const [name, now, old] of fixed) if (now !== undefined && now !== old) throw changeNotAllowed(name);
}

const keysOf = (profile: VmBody['properties']['osProfile']): string | undefined =>
  profile?.linuxConfiguration?.ssh?.publicKeys?.map((key) => key.keyData.trim()).join('\n');
