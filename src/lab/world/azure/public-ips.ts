import { changeNotAllowed, refuse } from './arm-error.js';
import type { PublicIpBody } from './bodies/network.js';
import type { PublicIp } from './model.js';
import { checkNetworkName, checkTags } from './names.js';
import { beginNetworkDelete, checkIdle, equalIds, ipConfigurationIds, settle } from './network-writes.js';
import type { Operation } from './operations.js';
import type { AzureState, Place, Written } from './state.js';
import { add, findAt, listOf, newTracked, placeLocation, writableGroup } from './state.js';

const type = 'Microsoft.Network/publicIPAddresses';

/** Creates a Standard static IPv4 address, or updates its tags and settings. */
export function putPublicIp(state: AzureState, place: Place, body: PublicIpBody): Written<PublicIp> {
  writableGroup(state, place.group);
  checkNetworkName(place.name);
  const location = placeLocation(state, type, place, body.location);
  const tags = body.tags ?? {};
  checkTags(tags);
  const properties = body.properties ?? {};
  checkKind(body);
  const existing = findAt(state, type, place);
  checkIdle(existing);
  if (existing && body.zones && [...body.zones].join() !== (existing.zones ?? []).join())
    throw changeNotAllowed('zones');
  const label = properties.dnsSettings?.domainNameLabel;
  if (label !== undefined) checkLabel(state, place, location, label);
  if (!existing) checkCount(state, location);
  const ip: PublicIp = existing ?? {
    ...newTracked(state, type, place, location, tags),
    address: drawAddress(state),
    zones: body.zones,
    properties,
  };
  if (!existing) add(state, ip);
  ip.properties = properties;
  ip.tags = tags;
  return { resource: ip, created: !existing, operation: settle(state, ip, !existing) };
}

/** Begins to delete an address; undefined when there is none. Refused while a NIC uses it. */
export function deletePublicIp(state: AzureState, place: Place): Operation | undefined {
  writableGroup(state, place.group);
  const ip = findAt(state, type, place);
  if (!ip) return undefined;
  const user = publicIpUser(state, ip.id);
  if (user !== undefined) {
    throw refuse(
      400,
      'PublicIPAddressCannotBeDeleted',
      `Public IP address ${ip.id} can not be deleted since it is still allocated to resource ${user}. In order to delete the ` +
        'public IP, disassociate/detach the Public IP address from the resource. To learn how to do this, see aka.ms/deletepublicip.',
    );
  }
  return beginNetworkDelete(state, ip);
}

/** Id of the ip configuration that uses an address. */
export const publicIpUser = (state: AzureState, id: string): string | undefined =>
  ipConfigurationIds(listOf(state, 'Microsoft.Network/networkInterfaces'), (entry) =>
    equalIds(entry.properties.publicIPAddress?.id, id),
  )[0];

/** Basic was retired on 30 September 2025; Standard is static. https://azure.microsoft.com/updates?id=upgrade-to-standard-sku-public-ip */
function checkKind(body: PublicIpBody): void {
  if ((body.sku?.name ?? 'Basic') === 'Basic') {
    throw refuse(
      400,
      'IPv4BasicSkuPublicIpCountLimitReached',
      'Cannot create more than 0 IPv4 Basic SKU public IP addresses for this subscription in this region.',
    );
  }
  if (body.properties?.publicIPAllocationMethod !== 'Static') {
    throw refuse(
      400,
      'StandardSkuPublicIPMustUseStaticAllocation',
      'Standard sku publicIp must use AllocationMethod set to Static.',
    );
  }
  if (body.properties.publicIPAddressVersion === 'IPv6') {
    throw refuse(
      400,
      'PublicIPAddressVersionNotSupported',
      'IPv6 public addresses are not available in this subscription.',
    );
  }
}

function checkLabel(state: AzureState, place: Place, location: string, label: string): void {
  const taken = listOf(state, type).some(
    (ip) =>
      ip.location === location &&
      ip.properties.dnsSettings?.domainNameLabel?.toLowerCase() === label.toLowerCase() &&
      !(ip.name.toLowerCase() === place.name.toLowerCase() && ip.group.toLowerCase() === place.group.toLowerCase()),
  );
  if (!taken) return;
  throw refuse(
    400,
    'DnsRecordInUse',
    `DNS record ${label}.${location}.cloudapp.azure.com is already used by another public IP.`,
  );
}

function checkCount(state: AzureState, location: string): void {
  const limit = state.options.quotas.publicIps;
  const count = listOf(state, type).filter((ip) => ip.location === location).length;
  if (count < limit) return;
  throw refuse(
    400,
    'PublicIPCountLimitReached',
    `Cannot create more than ${limit} public IP addresses for this subscription in this region.`,
    {
      details: [],
    },
  );
}

/** A fresh address of 20.0.0.0/8, one of Azure's own ranges. */
function drawAddress(state: AzureState): string {
  const { simulation, usedAddresses } = state;
  for (;;) {
    const [a, b, c] = [0, 1, 2].map(() => 1 + Math.floor(simulation.random() * 253));
    const address = `20.${a}.${b}.${c}`;
    if (usedAddresses.has(address)) continue;
    usedAddresses.add(address);
    return address;
  }
}
