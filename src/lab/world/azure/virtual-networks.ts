import { invalidReference, refuse } from './arm-error.js';
import type { SubnetProperties, VnetBody } from './bodies/network.js';
import { cidrSize, containsCidr, formatCidr, formatIpv4, overlaps, parseCidr, parseIpv4, type Cidr } from './ipv4.js';
import type { Subnet, VirtualNetwork } from './model.js';
import { checkNetworkName, checkTags } from './names.js';
import {
  beginNetworkDelete,
  checkIdle,
  checkReferenced,
  equalIds,
  ipConfigurationIds,
  settle,
} from './network-writes.js';
import type { Operation } from './operations.js';
import type { AzureState, Place, Written } from './state.js';
import {
  add,
  findAt,
  findTyped,
  listOf,
  newTracked,
  placeId,
  placeLocation,
  resourceAt,
  writableGroup,
} from './state.js';

const type = 'Microsoft.Network/virtualNetworks';

/** Azure keeps the first four addresses and the last of every subnet for itself. */
const reservedFirst = 4;

/** Creates a network or replaces its address space and subnets. A subnet left out is deleted, unless it is in use. */
export function putVnet(state: AzureState, place: Place, body: VnetBody): Written<VirtualNetwork> {
  writableGroup(state, place.group);
  checkNetworkName(place.name);
  const location = placeLocation(state, type, place, body.location);
  const tags = body.tags ?? {};
  checkTags(tags);
  const id = placeId(state, type, place);
  const space = body.properties.addressSpace.addressPrefixes;
  const subnets = (body.properties.subnets ?? []).map(({ name, properties }) => ({ name, properties }));
  checkSubnets(state, id, place.name, location, space, subnets);
  const existing = findAt(state, type, place);
  checkIdle(existing);
  for (const old of existing?.subnets ?? []) {
    if (!subnets.some((subnet) => subnet.name.toLowerCase() === old.name.toLowerCase()))
      checkUnused(state, id, old.name);
  }
  const vnet: VirtualNetwork = existing ?? {
    ...newTracked(state, type, place, location, tags),
    addressSpace: space,
    subnets,
    dhcpOptions: body.properties.dhcpOptions,
  };
  if (!existing) add(state, vnet);
  vnet.addressSpace = space;
  vnet.subnets = subnets;
  vnet.dhcpOptions = body.properties.dhcpOptions;
  vnet.tags = tags;
  return { resource: vnet, created: !existing, operation: settle(state, vnet, !existing) };
}

/** Creates or replaces one subnet. */
export function putSubnet(
  state: AzureState,
  place: Place,
  name: string,
  properties: SubnetProperties,
): Written<Subnet> {
  writableGroup(state, place.group);
  checkNetworkName(name);
  const vnet = resourceAt(state, type, place);
  checkIdle(vnet);
  const others = vnet.subnets.filter((subnet) => subnet.name.toLowerCase() !== name.toLowerCase());
  const subnet = { name, properties };
  checkSubnets(state, vnet.id, vnet.name, vnet.location, vnet.addressSpace, [...others, subnet]);
  const created = others.length === vnet.subnets.length;
  vnet.subnets = [...others, subnet];
  return { resource: subnet, created, operation: settle(state, vnet, false) };
}

/** Removes one subnet; undefined when there is none. */
export function deleteSubnet(state: AzureState, place: Place, name: string): Operation | undefined {
  writableGroup(state, place.group);
  const vnet = findAt(state, type, place);
  const kept = vnet?.subnets.filter((subnet) => subnet.name.toLowerCase() !== name.toLowerCase());
  if (!vnet || !kept || kept.length === vnet.subnets.length) return undefined;
  checkUnused(state, vnet.id, name);
  checkIdle(vnet);
  vnet.subnets = kept;
  return settle(state, vnet, false);
}

/** Begins to delete a network; undefined when there is none. Refused while a NIC is in it. */
export function deleteVnet(state: AzureState, place: Place): Operation | undefined {
  writableGroup(state, place.group);
  const vnet = findAt(state, type, place);
  if (!vnet) return undefined;
  for (const subnet of vnet.subnets) checkUnused(state, vnet.id, subnet.name);
  return beginNetworkDelete(state, vnet);
}

export interface FoundSubnet {
  readonly id: string;
  readonly vnet: VirtualNetwork;
  readonly subnet: Subnet;
}

/** A subnet by its id. */
export function findSubnet(state: AzureState, id: string): FoundSubnet | undefined {
  const match = /^(.+)\/subnets\/([^/]+)$/i.exec(id);
  const vnet = findTyped(state, type, match?.[1]);
  const subnet = vnet?.subnets.find((entry) => entry.name.toLowerCase() === match?.[2]?.toLowerCase());
  return vnet && subnet ? { id: `${vnet.id}/subnets/${subnet.name}`, vnet, subnet } : undefined;
}

/** The range of a subnet, which ARM takes as one or as a list; empty when none was given. */
export const prefixOf = (properties: SubnetProperties): string =>
  properties.addressPrefix ?? properties.addressPrefixes?.[0] ?? '';

/** Ids of the ip configurations in a subnet. */
export const subnetUsers = (state: AzureState, id: string): readonly string[] =>
  ipConfigurationIds(listOf(state, 'Microsoft.Network/networkInterfaces'), (entry) =>
    equalIds(entry.properties.subnet?.id, id),
  );

/** The lowest free address of a subnet, or the wanted one. Raises `SubnetIsFull`, `PrivateIPAddressInUse`. */
export function takePrivateAddress(
  state: AzureState,
  found: FoundSubnet,
  wanted: string | undefined,
  besides: string,
): string {
  const prefix = prefixOf(found.subnet.properties);
  const cidr = parseCidr(prefix) as Cidr;
  const taken = new Set(
    listOf(state, 'Microsoft.Network/networkInterfaces')
      .filter((nic) => !equalIds(nic.id, besides))
      .flatMap((nic) => nic.ipConfigurations)
      .filter((entry) => equalIds(entry.properties.subnet?.id, found.id))
      .map((entry) => entry.privateAddress),
  );
  const last = cidr.base + cidrSize(cidr) - 2;
  if (wanted !== undefined) {
    const value = parseIpv4(wanted);
    if (value === undefined || value < cidr.base + reservedFirst || value > last) {
      throw refuse(
        400,
        'PrivateIPAddressNotInSubnet',
        `Private static IP address ${wanted} does not belong to the range of subnet prefix ${prefix}.`,
      );
    }
    if (taken.has(wanted)) {
      throw refuse(
        400,
        'PrivateIPAddressInUse',
        `IP configuration is using the private IP address ${wanted} which is already allocated.`,
      );
    }
    return wanted;
  }
  for (let address = cidr.base + reservedFirst; address <= last; address += 1) {
    const text = formatIpv4(address);
    if (!taken.has(text)) return text;
  }
  throw refuse(
    400,
    'SubnetIsFull',
    `Subnet ${found.id} with address prefix ${prefix} does not have enough capacity for 1 IP addresses.`,
  );
}

function checkUnused(state: AzureState, vnetId: string, name: string): void {
  const user = subnetUsers(state, `${vnetId}/subnets/${name}`)[0];
  if (user === undefined) return;
  throw refuse(
    400,
    'InUseSubnetCannotBeDeleted',
    `Subnet ${name} is in use by ${user} and cannot be deleted. In order to delete the subnet, delete all the resources ` +
      'within the subnet. See aka.ms/deletesubnet.',
  );
}

function checkSubnets(
  state: AzureState,
  vnetId: string,
  vnetName: string,
  location: string,
  space: readonly string[],
  subnets: readonly Subnet[],
): void {
  const ranges = space.map((prefix) => exactCidr(prefix, vnetId));
  const placed: { name: string; cidr: Cidr }[] = [];
  for (const { name, properties } of subnets) {
    const id = `${vnetId}/subnets/${name}`;
    const cidr = exactCidr(prefixOf(properties), id);
    if (cidr.bits > 29 || !ranges.some((range) => containsCidr(range, cidr))) {
      throw refuse(
        400,
        'NetcfgSubnetRangeOutsideVnet',
        `Subnet '${name}' is not valid because its IP address range is outside the IP address range of virtual network '${vnetName}'.`,
      );
    }
    const other = placed.find((entry) => overlaps(entry.cidr, cidr));
    if (other) {
      throw refuse(
        400,
        'NetcfgSubnetRangesOverlap',
        `Subnet '${name}' is not valid because its IP address range overlaps with that of an existing subnet in virtual network '${vnetName}'.`,
      );
    }
    placed.push({ name, cidr });
    const nsgId = properties.networkSecurityGroup?.id;
    if (nsgId === undefined) continue;
    const nsg = findTyped(state, 'Microsoft.Network/networkSecurityGroups', nsgId);
    if (nsg?.location !== location) throw invalidReference(nsgId, id);
    checkReferenced(nsg, id);
  }
}

/** A network prefix without host bits. */
function exactCidr(prefix: string, id: string): Cidr {
  const cidr = parseCidr(prefix);
  if (!cidr || !prefix.includes('/') || formatCidr(cidr) !== prefix) {
    throw refuse(
      400,
      'InvalidCIDRNotation',
      `The address prefix ${prefix} in resource ${id} has an invalid CIDR notation. For the given prefix length, the address ` +
        `prefix should be ${cidr ? formatCidr(cidr) : 'like 10.0.0.0/24'}.`,
    );
  }
  return cidr;
}
