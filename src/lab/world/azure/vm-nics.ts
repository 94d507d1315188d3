import { invalidParameter, refuse } from './arm-error.js';
import type { VmBody } from './bodies/compute.js';
import type { AttachedNic, NetworkInterface } from './model.js';
import { checkReservation, nicReservationMs } from './network-interfaces.js';
import { checkReferenced } from './network-writes.js';
import type { VmSize } from './sizes.js';
import type { AzureState } from './state.js';
import { findTyped, touch } from './state.js';

/** Checks the NICs of a PUT: there, ready, in the region, free, one primary. */
export function planNics(
  state: AzureState,
  vm: { readonly id: string; readonly location: string },
  size: VmSize,
  profile: VmBody['properties']['networkProfile'],
): readonly AttachedNic[] {
  const bodies = profile?.networkInterfaces ?? [];
  if (bodies.length === 0) {
    throw invalidParameter(
      'networkProfile.networkInterfaces',
      "Required parameter 'networkProfile.networkInterfaces' is missing (null).",
    );
  }
  if (bodies.length > size.maxNics) throw invalidParameter('networkProfile.networkInterfaces');
  if (bodies.length > 1 && bodies.filter((body) => body.properties?.primary === true).length !== 1) {
    throw refuse(
      400,
      'VirtualMachineMustHaveOneNetworkInterfaceAsPrimary',
      'Exactly one network interface must be the primary one.',
    );
  }
  return bodies.map((body) => {
    const nic = findTyped(state, 'Microsoft.Network/networkInterfaces', body.id);
    if (!nic || nic.provisioningState === 'Deleting') throw refuse(404, 'NotFound', `Resource ${body.id} not found.`);
    if (nic.location !== vm.location)
      throw invalidParameter('networkInterfaces', `Resource ${nic.id} is not in the same region as ${vm.id}.`);
    if (nic.attachedTo !== undefined && nic.attachedTo.toLowerCase() !== vm.id.toLowerCase()) {
      throw refuse(
        409,
        'NicInUse',
        `Network Interface ${nic.id} is used by existing resource ${nic.attachedTo}. In order to delete the network interface, it ` +
          'must be dissociated from the resource. To learn more, see aka.ms/deletenic.',
      );
    }
    checkReservation(state, nic, vm.id);
    checkReferenced(nic, vm.id);
    if (nic.properties.enableAcceleratedNetworking === true && !size.acceleratedNetworking) {
      throw refuse(
        400,
        'VMSizeIsNotPermittedToEnableAcceleratedNetworking',
        `VM size ${size.name} is not in the list of sizes that accelerated networking can be enabled on, for ${nic.id}.`,
      );
    }
    return { id: nic.id, primary: body.properties?.primary, deleteOption: body.properties?.deleteOption ?? 'Detach' };
  });
}

const nicsOf = (state: AzureState, nics: readonly AttachedNic[]): readonly NetworkInterface[] =>
  nics.map((nic) => findTyped(state, 'Microsoft.Network/networkInterfaces', nic.id)).filter((nic) => nic !== undefined);

/** The NICs belong to a VM from now on; a reservation ends with it. */
export function attachNics(state: AzureState, vmId: string, nics: readonly AttachedNic[]): void {
  for (const nic of nicsOf(state, nics)) {
    nic.attachedTo = vmId;
    nic.reserved = undefined;
    touch(state, nic);
  }
}

/** Frees the NICs; each stays reserved for its VM for 180 s. */
export function releaseNics(state: AzureState, vmId: string, nics: readonly AttachedNic[]): void {
  for (const nic of nicsOf(state, nics)) {
    nic.attachedTo = undefined;
    nic.reserved = { vmId, untilMs: state.simulation.now + nicReservationMs };
    touch(state, nic);
  }
}
