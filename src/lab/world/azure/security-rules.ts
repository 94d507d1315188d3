import { refuse } from './arm-error.js';
import type { SecurityRuleProperties } from './bodies/network.js';
import { containsAddress, parseCidr, parseIpv4 } from './ipv4.js';
import type { SecurityRule } from './model.js';

const tagPrefixes = new Set(['*', 'internet', 'virtualnetwork', 'azureloadbalancer', 'azurecloud', 'any']);

const rule = (
  name: string,
  priority: number,
  direction: 'Inbound' | 'Outbound',
  access: 'Allow' | 'Deny',
  source: string,
  destination: string,
): SecurityRule => ({
  name,
  properties: {
    description: `${access} from ${source} to ${destination}`,
    protocol: '*',
    sourcePortRange: '*',
    destinationPortRange: '*',
    sourceAddressPrefix: source,
    destinationAddressPrefix: destination,
    access,
    priority,
    direction,
  },
});

/** What every NSG ends with. https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#default-security-rules */
export const defaultRules: readonly SecurityRule[] = [
  rule('AllowVnetInBound', 65_000, 'Inbound', 'Allow', 'VirtualNetwork', 'VirtualNetwork'),
  rule('AllowAzureLoadBalancerInBound', 65_001, 'Inbound', 'Allow', 'AzureLoadBalancer', '*'),
  rule('DenyAllInBound', 65_500, 'Inbound', 'Deny', '*', '*'),
  rule('AllowVnetOutBound', 65_000, 'Outbound', 'Allow', 'VirtualNetwork', 'VirtualNetwork'),
  rule('AllowInternetOutBound', 65_001, 'Outbound', 'Allow', '*', 'Internet'),
  rule('DenyAllOutBound', 65_500, 'Outbound', 'Deny', '*', '*'),
];

const both = (one: string | undefined, many: readonly string[] | undefined): readonly string[] => [
  ...(one === undefined || one === '' ? [] : [one]),
  ...(many ?? []),
];

const sources = (p: SecurityRuleProperties) => both(p.sourceAddressPrefix, p.sourceAddressPrefixes);
const destinations = (p: SecurityRuleProperties) => both(p.destinationAddressPrefix, p.destinationAddressPrefixes);
const sourcePorts = (p: SecurityRuleProperties) => both(p.sourcePortRange, p.sourcePortRanges);
const destinationPorts = (p: SecurityRuleProperties) => both(p.destinationPortRange, p.destinationPortRanges);

/** Checks the rules of one NSG. Raises the network provider's refusals. */
export function checkRules(rules: readonly SecurityRule[]): void {
  const seen = new Map<string, string>();
  for (const { name, properties } of rules) {
    checkRule(name, properties);
    const slot = `${properties.direction} ${properties.priority}`;
    const other = seen.get(slot);
    if (other !== undefined) {
      throw refuse(
        400,
        'SecurityRuleConflict',
        `Security rule ${name} conflicts with rule ${other}. Rules cannot have the same Priority and Direction.`,
      );
    }
    seen.set(slot, name);
  }
}

function checkRule(name: string, properties: SecurityRuleProperties): void {
  if (properties.priority < 100 || properties.priority > 4096) {
    throw refuse(
      400,
      'SecurityRuleInvalidPriority',
      `Security rule has invalid Priority. Value provided: ${properties.priority} Allowed range 100-4096.`,
    );
  }
  const mixed = (
    [
      ['SourceAddressPrefix', properties.sourceAddressPrefix, properties.sourceAddressPrefixes],
      ['DestinationAddressPrefix', properties.destinationAddressPrefix, properties.destinationAddressPrefixes],
      ['SourcePortRange', properties.sourcePortRange, properties.sourcePortRanges],
      ['DestinationPortRange', properties.destinationPortRange, properties.destinationPortRanges],
    ] as const
  ).find(([, one, many]) => (one !== undefined && one !== '') === (many?.length ?? 0) > 0);
  if (mixed) {
    throw refuse(
      400,
      'SecurityRuleParameterContainsUnsupportedValue',
      `Security rule ${name} must give exactly one of ${mixed[0]} and its plural form.`,
    );
  }
  for (const prefix of [...sources(properties), ...destinations(properties)]) {
    if (!tagPrefixes.has(prefix.toLowerCase()) && !parseCidr(prefix)) {
      throw refuse(
        400,
        'SecurityRuleInvalidAddressPrefix',
        `Security rule has invalid Address prefix. Value provided: ${prefix}`,
      );
    }
  }
  for (const range of [...sourcePorts(properties), ...destinationPorts(properties)]) {
    if (!parsePorts(range)) {
      throw refuse(
        400,
        'SecurityRuleInvalidPortRange',
        `Security rule has invalid Port range. Value provided: ${range}. Value should be an integer OR integer range with ` +
          "'-' delimiter. Valid range 0-65535.",
      );
    }
  }
}

function parsePorts(range: string): readonly [number, number] | undefined {
  if (range === '*') return [0, 65_535];
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range);
  if (!match) return undefined;
  const low = Number(match[1]);
  const high = Number(match[2] ?? match[1]);
  return low <= high && high <= 65_535 ? [low, high] : undefined;
}

/** Whether the rules let a TCP connection from an internet address in. Rules with narrowed source ports never match. */
export function allowsInboundTcp(
  rules: readonly SecurityRule[],
  port: number,
  sourceIp: string,
  privateIp: string,
): boolean {
  const source = parseIpv4(sourceIp);
  const destination = parseIpv4(privateIp);
  if (source === undefined || destination === undefined) return false;
  const inbound = [...rules, ...defaultRules]
    .filter(({ properties }) => properties.direction === 'Inbound')
    .sort((a, b) => a.properties.priority - b.properties.priority);
  const first = inbound.find(
    ({ properties }) =>
      (properties.protocol === 'Tcp' || properties.protocol === '*') &&
      sources(properties).some((prefix) => matches(prefix, source, ['*', 'any', 'internet'])) &&
      destinations(properties).some((prefix) => matches(prefix, destination, ['*', 'any', 'virtualnetwork'])) &&
      sourcePorts(properties).some((range) => range === '*' || range === '0-65535') &&
      destinationPorts(properties).some((range) => includesPort(range, port)),
  );
  return first?.properties.access === 'Allow';
}

function matches(prefix: string, address: number, tags: readonly string[]): boolean {
  if (tags.includes(prefix.toLowerCase())) return true;
  const cidr = parseCidr(prefix);
  return cidr !== undefined && containsAddress(cidr, address);
}

function includesPort(range: string, port: number): boolean {
  const ports = parsePorts(range);
  return ports !== undefined && port >= ports[0] && port <= ports[1];
}
