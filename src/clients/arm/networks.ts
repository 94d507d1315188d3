import type { NetworkSecurityGroup, SecurityRule } from '@azure/arm-network';
import type { Deadline } from '../../health/deadline.js';
import { fail } from '../../failures/waa-error.js';
import type { Network, NetworkSpec } from './arm.js';
import { NETWORK_NAMES } from './resource-names.js';
import type { SdkClients } from './sdk.js';
import type { ArmSession, RequestOptions } from './session.js';

const VNET_PREFIX = '10.27.0.0/16';
/** Room for about a thousand workers; Azure keeps five addresses of each subnet. */
const SUBNET_PREFIX = '10.27.0.0/22';
const SSH_PRIORITY = 100;
/** Changes take 2 to 6 s; Azure asks for 1 to 10 s between looks, and its word counts when it is longer. */
const POLL_EVERY_MS = 2_000;

/** What the network client's pollers have in common. */
interface NetworkPoller<T> {
  poll(options: { abortSignal: AbortSignal }): Promise<unknown>;
  isDone(): boolean;
  /** The changed resource, once done: after an asynchronous PUT the SDK reads it by itself. */
  getResult(): T | undefined;
}

/**
 * Sends a network change, waits for its end and gives what was made. Network changes take seconds and are idempotent, so
 * an interrupted one is sent again and needs no token.
 */
export async function networkChange<T>(
  session: ArmSession,
  name: string,
  deadline: Deadline,
  begin: (options: RequestOptions) => Promise<NetworkPoller<T>>,
): Promise<T | undefined> {
  const tell = (state: 'started' | 'succeeded' | 'failed'): void => {
    session.emit('arm.operation', { name, state }, `${name}: ${state}`);
  };
  tell('started');
  try {
    const result = await changeAndWait(session, name, deadline, begin);
    tell('succeeded');
    return result;
  } catch (error) {
    tell('failed');
    throw error;
  }
}

async function changeAndWait<T>(
  session: ArmSession,
  name: string,
  deadline: Deadline,
  begin: (options: RequestOptions) => Promise<NetworkPoller<T>>,
): Promise<T | undefined> {
  const begun = await session.observe(name, deadline, begin);
  const poller = begun.value;
  let { recording } = begun;
  while (!poller.isDone()) {
    try {
      await session.clock.sleep(Math.max(POLL_EVERY_MS, recording.retryAfterMs), deadline.signal);
    } catch {
      if (!deadline.expired) throw deadline.signal.reason;
      const seconds = Math.round(deadline.totalMs / 1000);
      throw fail('AZURE_OPERATION_TIMEOUT', { name, seconds, last: recording.lastStatus || 'running' });
    }
    ({ recording } = await session.observe(name, deadline, async (options) => {
      await poller.poll(options);
      return poller;
    }));
  }
  return poller.getResult();
}

function sshRule(callerCidr: string): SecurityRule {
  return {
    name: NETWORK_NAMES.sshRule,
    priority: SSH_PRIORITY,
    direction: 'Inbound',
    access: 'Allow',
    protocol: 'Tcp',
    sourceAddressPrefix: callerCidr,
    sourcePortRange: '*',
    destinationAddressPrefix: '*',
    destinationPortRange: '22',
  };
}

function portRanges(rule: SecurityRule): readonly string[] {
  return [rule.destinationPortRange ?? '', ...(rule.destinationPortRanges ?? [])].filter((range) => range !== '');
}

function sourcesOf(rule: SecurityRule): readonly string[] {
  return [rule.sourceAddressPrefix ?? '', ...(rule.sourceAddressPrefixes ?? [])].filter((source) => source !== '');
}

/** True when the range lets packets to port 22 in. */
function coversSsh(range: string): boolean {
  if (range === '*') return true;
  const [from = Number.NaN, to = from] = range.split('-').map(Number);
  return from <= 22 && 22 <= to;
}

/** Own rules that let something in; Azure's default rules are listed apart and let in the virtual network only. */
function inboundAllowed(nsg: NetworkSecurityGroup): readonly SecurityRule[] {
  return (nsg.securityRules ?? []).filter((rule) => rule.direction === 'Inbound' && rule.access === 'Allow');
}

function sshSources(nsg: NetworkSecurityGroup): readonly string[] {
  return inboundAllowed(nsg)
    .filter((rule) => portRanges(rule).some(coversSsh))
    .flatMap(sourcesOf);
}

function otherInbound(nsg: NetworkSecurityGroup): readonly string[] {
  return inboundAllowed(nsg).flatMap((rule) =>
    portRanges(rule)
      .filter((range) => range !== '22')
      .map((range) => `${range} from ${sourcesOf(rule).join(', ')}`),
  );
}

/** VNet, subnet and NSG of a deployment, or undefined when one of them is missing. */
export async function getNetwork(
  session: ArmSession,
  clients: SdkClients,
  group: string,
  deadline: Deadline,
): Promise<Network | undefined> {
  const { virtualNetworks, networkSecurityGroups } = clients.network;
  const [vnet, nsg] = await Promise.all([
    session.find(`network of ${group}`, deadline, (options) => virtualNetworks.get(group, NETWORK_NAMES.vnet, options)),
    session.find(`firewall of ${group}`, deadline, (options) =>
      networkSecurityGroups.get(group, NETWORK_NAMES.nsg, options),
    ),
  ]);
  const subnet = vnet?.subnets?.find((one) => one.name === NETWORK_NAMES.subnet);
  if (vnet?.id === undefined || subnet?.id === undefined || nsg?.id === undefined) return undefined;
  if (subnet.networkSecurityGroup?.id?.toLowerCase() !== nsg.id.toLowerCase()) return undefined;
  return {
    vnetId: vnet.id,
    subnetId: subnet.id,
    nsgId: nsg.id,
    sshSources: sshSources(nsg),
    otherInbound: otherInbound(nsg),
  };
}

/** Creates or corrects NSG, then VNet and subnet: the subnet refers to the NSG, and no VM ever stands without it. */
export async function putNetwork(
  session: ArmSession,
  clients: SdkClients,
  spec: NetworkSpec,
  deadline: Deadline,
): Promise<Network> {
  const { virtualNetworks, networkSecurityGroups } = clients.network;
  const { resourceGroup, region: location } = spec;
  const tags = { ...spec.tags };
  const nsg = await networkChange(session, `firewall of ${resourceGroup}`, deadline, (options) =>
    networkSecurityGroups.beginCreateOrUpdate(
      resourceGroup,
      NETWORK_NAMES.nsg,
      { location, tags, securityRules: [sshRule(spec.callerCidr)] },
      options,
    ),
  );

  let network = await getNetwork(session, clients, resourceGroup, deadline);
  if (network) return network;
  const nsgId = nsg?.id;
  if (nsgId === undefined) throw fail('AZURE_BAD_ANSWER', { what: `firewall of ${resourceGroup}`, detail: 'no id' });
  await networkChange(session, `network of ${resourceGroup}`, deadline, (options) =>
    virtualNetworks.beginCreateOrUpdate(
      resourceGroup,
      NETWORK_NAMES.vnet,
      {
        location,
        tags,
        addressSpace: { addressPrefixes: [VNET_PREFIX] },
        subnets: [{ name: NETWORK_NAMES.subnet, addressPrefix: SUBNET_PREFIX, networkSecurityGroup: { id: nsgId } }],
      },
      options,
    ),
  );
  network = await getNetwork(session, clients, resourceGroup, deadline);
  if (!network)
    throw fail('AZURE_BAD_ANSWER', {
      what: `network of ${resourceGroup}`,
      detail: 'the network just made is not listed',
    });
  return network;
}
