import type { AzureState } from '../../../world/azure/state.js';
import { findTyped } from '../../../world/azure/state.js';
import type {
  NetworkInterface,
  NetworkSecurityGroup,
  PublicIp,
  SecurityRule,
  Subnet,
  VirtualNetwork,
} from '../../../world/azure/model.js';
import { nsgUsers } from '../../../world/azure/network-security-groups.js';
import { publicIpUser } from '../../../world/azure/public-ips.js';
import { defaultRules } from '../../../world/azure/security-rules.js';
import { subnetUsers } from '../../../world/azure/virtual-networks.js';
import { envelopeOf, networkEtag } from './envelope.js';

const idsOf = (ids: readonly string[]) => (ids.length === 0 ? {} : { list: ids.map((id) => ({ id })) });

/** A security rule as ARM answers, own or default. */
export function renderRule(
  nsg: NetworkSecurityGroup,
  rule: SecurityRule,
  kind: 'securityRules' | 'defaultSecurityRules' = 'securityRules',
) {
  return {
    name: rule.name,
    id: `${nsg.id}/${kind}/${rule.name}`,
    etag: networkEtag(nsg),
    type: `${nsg.type}/${kind}`,
    properties: {
      sourcePortRanges: [],
      destinationPortRanges: [],
      sourceAddressPrefixes: [],
      destinationAddressPrefixes: [],
      ...rule.properties,
      provisioningState: nsg.provisioningState,
    },
  };
}

/** A network security group as ARM answers, with its rules and what it protects. */
export function renderNsg(state: AzureState, nsg: NetworkSecurityGroup) {
  const users = nsgUsers(state, nsg.id);
  const { list: networkInterfaces } = idsOf(users.nics);
  const { list: subnets } = idsOf(users.subnets);
  return {
    ...envelopeOf(nsg),
    etag: networkEtag(nsg),
    properties: {
      provisioningState: nsg.provisioningState,
      resourceGuid: nsg.guid,
      securityRules: nsg.rules.map((rule) => renderRule(nsg, rule)),
      defaultSecurityRules: defaultRules.map((rule) => renderRule(nsg, rule, 'defaultSecurityRules')),
      ...(networkInterfaces ? { networkInterfaces } : {}),
      ...(subnets ? { subnets } : {}),
    },
  };
}

/** A subnet as ARM answers, with the interfaces in it. */
export function renderSubnet(state: AzureState, vnet: VirtualNetwork, subnet: Subnet) {
  const id = `${vnet.id}/subnets/${subnet.name}`;
  const { list: ipConfigurations } = idsOf(subnetUsers(state, id));
  return {
    name: subnet.name,
    id,
    etag: networkEtag(vnet),
    type: `${vnet.type}/subnets`,
    properties: {
      delegations: [],
      privateEndpointNetworkPolicies: 'Disabled',
      privateLinkServiceNetworkPolicies: 'Enabled',
      ...subnet.properties,
      ...(ipConfigurations ? { ipConfigurations } : {}),
      provisioningState: vnet.provisioningState,
    },
  };
}

/** A virtual network as ARM answers, with its subnets. */
export const renderVnet = (state: AzureState, vnet: VirtualNetwork) => ({
  ...envelopeOf(vnet),
  etag: networkEtag(vnet),
  properties: {
    provisioningState: vnet.provisioningState,
    resourceGuid: vnet.guid,
    addressSpace: { addressPrefixes: vnet.addressSpace },
    ...(vnet.dhcpOptions ? { dhcpOptions: vnet.dhcpOptions } : {}),
    subnets: vnet.subnets.map((subnet) => renderSubnet(state, vnet, subnet)),
    virtualNetworkPeerings: [],
    enableDdosProtection: false,
  },
});

/** A public address as ARM answers; without the address itself while none is assigned. */
export function renderPublicIp(state: AzureState, ip: PublicIp) {
  const user = publicIpUser(state, ip.id);
  const label = ip.properties.dnsSettings?.domainNameLabel;
  return {
    ...envelopeOf(ip),
    etag: networkEtag(ip),
    ...(ip.zones ? { zones: ip.zones } : {}),
    sku: { name: 'Standard', tier: 'Regional' },
    properties: {
      provisioningState: ip.provisioningState,
      resourceGuid: ip.guid,
      ipAddress: ip.address,
      publicIPAddressVersion: 'IPv4',
      publicIPAllocationMethod: 'Static',
      idleTimeoutInMinutes: ip.properties.idleTimeoutInMinutes ?? 4,
      ipTags: [],
      ...(ip.properties.deleteOption === undefined ? {} : { deleteOption: ip.properties.deleteOption }),
      ...(label === undefined
        ? {}
        : { dnsSettings: { domainNameLabel: label, fqdn: `${label}.${ip.location}.cloudapp.azure.com` } }),
      ...(user === undefined ? {} : { ipConfiguration: { id: user } }),
    },
  };
}

/** MAC address, `primary` and `virtualMachine` show only while the NIC's VM holds a place. */
export function renderNic(state: AzureState, nic: NetworkInterface) {
  const { properties } = nic;
  const vm = findTyped(state, 'Microsoft.Compute/virtualMachines', nic.attachedTo);
  const primary = vm?.nics.find((entry) => entry.id === nic.id)?.primary ?? true;
  return {
    ...envelopeOf(nic),
    kind: 'Regular',
    etag: networkEtag(nic),
    properties: {
      provisioningState: nic.provisioningState,
      resourceGuid: nic.guid,
      ipConfigurations: nic.ipConfigurations.map((entry) => renderIpConfiguration(nic, entry)),
      dnsSettings: { dnsServers: [], appliedDnsServers: [] },
      ...(vm?.allocated === true ? { macAddress: nic.macAddress, primary } : {}),
      ...(vm ? { virtualMachine: { id: vm.id } } : {}),
      enableAcceleratedNetworking: properties.enableAcceleratedNetworking ?? false,
      vnetEncryptionSupported: false,
      enableIPForwarding: properties.enableIPForwarding ?? false,
      disableTcpStateTracking: false,
      ...(properties.networkSecurityGroup ? { networkSecurityGroup: { id: properties.networkSecurityGroup.id } } : {}),
      hostedWorkloads: [],
      tapConfigurations: [],
      nicType: 'Standard',
      allowPort25Out: true,
      auxiliaryMode: 'None',
    },
  };
}

function renderIpConfiguration(nic: NetworkInterface, entry: NetworkInterface['ipConfigurations'][number]) {
  const { publicIPAddress, subnet, primary, privateIPAllocationMethod } = entry.properties;
  const option = publicIPAddress?.properties?.deleteOption;
  return {
    name: entry.name,
    id: `${nic.id}/ipConfigurations/${entry.name}`,
    etag: networkEtag(nic),
    type: `${nic.type}/ipConfigurations`,
    properties: {
      provisioningState: nic.provisioningState,
      privateIPAddress: entry.privateAddress,
      privateIPAllocationMethod: privateIPAllocationMethod ?? 'Dynamic',
      ...(publicIPAddress
        ? {
            publicIPAddress: {
              id: publicIPAddress.id,
              ...(option === undefined ? {} : { properties: { deleteOption: option } }),
            },
          }
        : {}),
      ...(subnet ? { subnet: { id: subnet.id } } : {}),
      primary: primary ?? nic.ipConfigurations.length === 1,
      privateIPAddressVersion: 'IPv4',
    },
  };
}
