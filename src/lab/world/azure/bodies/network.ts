import * as z from 'zod';
import { deleteOption, envelope, readOnly, reference } from './common.js';

const readOnlyChild = { id: readOnly, name: z.string(), type: readOnly, etag: readOnly };
const computed = { provisioningState: readOnly, resourceGuid: readOnly };

export const securityRuleProperties = z.strictObject({
  ...computed,
  description: z.string().max(140).optional(),
  protocol: z.enum(['Tcp', 'Udp', 'Icmp', 'Esp', 'Ah', '*']),
  sourcePortRange: z.string().optional(),
  sourcePortRanges: z.array(z.string()).optional(),
  destinationPortRange: z.string().optional(),
  destinationPortRanges: z.array(z.string()).optional(),
  sourceAddressPrefix: z.string().optional(),
  sourceAddressPrefixes: z.array(z.string()).optional(),
  destinationAddressPrefix: z.string().optional(),
  destinationAddressPrefixes: z.array(z.string()).optional(),
  access: z.enum(['Allow', 'Deny']),
  priority: z.number().int(),
  direction: z.enum(['Inbound', 'Outbound']),
});

/** PUT of one rule. */
export const securityRuleBody = z.strictObject({
  ...readOnlyChild,
  name: readOnly,
  properties: securityRuleProperties,
});

export const nsgBody = z.strictObject({
  ...envelope,
  properties: z
    .strictObject({
      ...computed,
      securityRules: z.array(z.strictObject({ ...readOnlyChild, properties: securityRuleProperties })).optional(),
      defaultSecurityRules: readOnly,
      networkInterfaces: readOnly,
      subnets: readOnly,
      flushConnection: z.boolean().optional(),
    })
    .optional(),
});

export const subnetProperties = z.strictObject({
  ...computed,
  addressPrefix: z.string().optional(),
  addressPrefixes: z.array(z.string()).optional(),
  networkSecurityGroup: reference.optional(),
  defaultOutboundAccess: z.boolean().optional(),
  privateEndpointNetworkPolicies: z.string().optional(),
  privateLinkServiceNetworkPolicies: z.string().optional(),
  delegations: z.array(z.unknown()).max(0).optional(),
  serviceEndpoints: z.array(z.unknown()).max(0).optional(),
  ipConfigurations: readOnly,
});

/** PUT of one subnet. */
export const subnetBody = z.strictObject({ ...readOnlyChild, name: readOnly, properties: subnetProperties });

export const vnetBody = z.strictObject({
  ...envelope,
  properties: z.strictObject({
    ...computed,
    addressSpace: z.strictObject({ addressPrefixes: z.array(z.string()).min(1) }),
    subnets: z.array(z.strictObject({ ...readOnlyChild, properties: subnetProperties })).optional(),
    dhcpOptions: z.strictObject({ dnsServers: z.array(z.string()).optional() }).optional(),
    enableDdosProtection: z.boolean().optional(),
    virtualNetworkPeerings: z.array(z.unknown()).max(0).optional(),
    privateEndpointVNetPolicies: z.string().optional(),
  }),
});

export const publicIpBody = z.strictObject({
  ...envelope,
  sku: z
    .strictObject({ name: z.enum(['Basic', 'Standard']), tier: z.enum(['Regional', 'Global']).optional() })
    .optional(),
  zones: z.array(z.string()).optional(),
  properties: z
    .strictObject({
      ...computed,
      publicIPAllocationMethod: z.enum(['Static', 'Dynamic']).optional(),
      publicIPAddressVersion: z.enum(['IPv4', 'IPv6']).optional(),
      idleTimeoutInMinutes: z.number().int().min(4).max(30).optional(),
      deleteOption: deleteOption.optional(),
      dnsSettings: z.strictObject({ domainNameLabel: z.string().optional(), fqdn: readOnly }).optional(),
      ipTags: z.array(z.unknown()).optional(),
      ddosSettings: readOnly,
      ipAddress: readOnly,
      ipConfiguration: readOnly,
    })
    .optional(),
});

export const ipConfigurationProperties = z.strictObject({
  ...computed,
  privateIPAddress: z.string().optional(),
  privateIPAllocationMethod: z.enum(['Dynamic', 'Static']).optional(),
  privateIPAddressVersion: z.enum(['IPv4', 'IPv6']).optional(),
  primary: z.boolean().optional(),
  subnet: z.looseObject({ id: z.string() }).optional(),
  publicIPAddress: z
    .looseObject({ id: z.string(), properties: z.looseObject({ deleteOption: deleteOption.optional() }).optional() })
    .optional(),
});

export const nicBody = z.strictObject({
  ...envelope,
  properties: z.strictObject({
    ...computed,
    ipConfigurations: z.array(z.strictObject({ ...readOnlyChild, properties: ipConfigurationProperties })).min(1),
    networkSecurityGroup: z.looseObject({ id: z.string() }).optional(),
    enableAcceleratedNetworking: z.boolean().optional(),
    enableIPForwarding: z.boolean().optional(),
    dnsSettings: z.looseObject({}).optional(),
    nicType: z.string().optional(),
    auxiliaryMode: z.string().optional(),
    auxiliarySku: z.string().optional(),
    disableTcpStateTracking: z.boolean().optional(),
    macAddress: readOnly,
    primary: readOnly,
    virtualMachine: readOnly,
    vnetEncryptionSupported: readOnly,
    hostedWorkloads: readOnly,
    tapConfigurations: readOnly,
    allowPort25Out: readOnly,
    defaultOutboundConnectivityEnabled: readOnly,
  }),
});

export type SecurityRuleProperties = z.infer<typeof securityRuleProperties>;
export type NsgBody = z.infer<typeof nsgBody>;
export type SubnetProperties = z.infer<typeof subnetProperties>;
export type VnetBody = z.infer<typeof vnetBody>;
export type PublicIpBody = z.infer<typeof publicIpBody>;
export type IpConfigurationProperties = z.infer<typeof ipConfigurationProperties>;
export type NicBody = z.infer<typeof nicBody>;
