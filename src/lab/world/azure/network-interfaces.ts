import { invalidReference, refuse } from './arm-error.js';
import type { NicBody } from './bodies/network.js';
import type { IpConfiguration, NetworkInterface } from './model.js';
import { checkNetworkName, checkTags } from './names.js';
import { beginNetworkDelete, checkIdle, checkReferenced, equalIds, settle } from './network-writes.js';
import type { Operation } from './operations.js';
import { publicIpUser } from './public-ips.js';
import type { AzureState, Place, Written } from './state.js';
import { add, findAt, findTyped, newTracked, placeId, placeLocation, writableGroup } from './state.js';
import { findSubnet, takePrivateAddress } from './virtual-networks.js';

const type = 'Microsoft.Network/networkInterfaces';

/** How long a NIC stays reserved for the VM it was detached from by that VM's deletion. */
export const nicReservationMs = 180_000;

/** Creates or updates a NIC. Every reference must exist, be ready and be in the same region. */
export function putNic(state: AzureState, place: Place, body: NicBody): Written<NetworkInterface> {
  writableGroup(state, place.group);
  checkNetworkName(place.name);
  const location = placeLocation(state, type, place, body.location);
  const tags = body.tags ?? {};
  checkTags(tags);
  const id = placeId(state, type, place);
  const existing = findAt(state, type, place);
  checkIdle(existing);
  const nsgId = body.properties.networkSecurityGroup?.id;
  if (nsgId !== undefined) {
    const nsg = findTyped(state, 'Microsoft.Network/networkSecurityGroups', nsgId);
    if (nsg?.location !== location) throw invalidReference(nsgId, id);
    checkReferenced(nsg, id);
  }
  const ipConfigurations = body.properties.ipConfigurations.map((entry) =>
    configure(state, id, location, entry, existing),
  );
  const nic: NetworkInterface = existing ?? {
    ...newTracked(state, type, place, location, tags),
    macAddress: drawMac(state),
    properties: body.properties,
    ipConfigurations,
    attachedTo: undefined,
    reserved: undefined,
  };
  if (!existing) add(state, nic);
  nic.properties = body.properties;
  nic.ipConfigurations = ipConfigurations;
  nic.tags = tags;
  return { resource: nic, created: !existing, operation: settle(state, nic, !existing) };
}

/** Begins to delete a NIC; undefined when there is none. Refused while a VM uses it or it is reserved for one. */
export function deleteNic(state: AzureState, place: Place): Operation | undefined {
  writableGroup(state, place.group);
  const nic = findAt(state, type, place);
  if (!nic) return undefined;
  if (nic.attachedTo !== undefined) {
    throw refuse(
      400,
      'NicInUse',
      `Network Interface ${nic.id} is used by existing resource ${nic.attachedTo}. In order to delete the network interface, it ` +
        'must be dissociated from the resource. To learn more, see aka.ms/deletenic.',
    );
  }
  checkReservation(state, nic, undefined);
  return beginNetworkDelete(state, nic);
}

/** Raises `NicReservedForAnotherVm` while the NIC is kept for a VM other than `forVm`. */
export function checkReservation(state: AzureState, nic: NetworkInterface, forVm: string | undefined): void {
  const { reserved } = nic;
  if (!reserved || reserved.untilMs <= state.simulation.now) return;
  if (forVm !== undefined && equalIds(forVm, reserved.vmId)) return;
  throw refuse(
    400,
    'NicReservedForAnotherVm',
    'Nic(s) in request is reserved for another Virtual Machine for 180 seconds. Please provide another nic(s) or retry after ' +
      `180 seconds. Reserved VM: ${reserved.vmId}`,
  );
}

type IpConfigurationBody = NicBody['properties']['ipConfigurations'][number];

function configure(
  state: AzureState,
  nicId: string,
  location: string,
  { name, properties }: IpConfigurationBody,
  existing: NetworkInterface | undefined,
): IpConfiguration {
  const by = `${nicId}/ipConfigurations/${name}`;
  const subnetId = properties.subnet?.id;
  if (subnetId === undefined) throw refuse(400, 'MissingSubnet', `IP configuration ${by} must refer to a subnet.`);
  const found = findSubnet(state, subnetId);
  if (found?.vnet.location !== location) throw invalidReference(subnetId, by);
  checkReferenced(found.vnet, by);
  const ipId = properties.publicIPAddress?.id;
  if (ipId !== undefined) {
    const ip = findTyped(state, 'Microsoft.Network/publicIPAddresses', ipId);
    if (ip?.location !== location) throw invalidReference(ipId, by);
    checkReferenced(ip, by);
    const user = publicIpUser(state, ip.id);
    if (user !== undefined && !user.toLowerCase().startsWith(`${nicId.toLowerCase()}/`)) {
      throw refuse(
        400,
        'PublicIPAddressInUse',
        `Resource ${by} is referencing public IP address ${ip.id} that is already allocated to resource ${user}.`,
      );
    }
  }
  const old = existing?.ipConfigurations.find((entry) => entry.name.toLowerCase() === name.toLowerCase());
  const wanted = properties.privateIPAllocationMethod === 'Static' ? properties.privateIPAddress : undefined;
  const kept = old && equalIds(old.properties.subnet?.id, subnetId) ? old.privateAddress : undefined;
  return { name, properties, privateAddress: takePrivateAddress(state, found, wanted ?? kept, nicId) };
}

function drawMac(state: AzureState): string {
  const tail = state.simulation.randomHex(6).toUpperCase();
  return `00-0D-3A-${tail.slice(0, 2)}-${tail.slice(2, 4)}-${tail.slice(4, 6)}`;
}
