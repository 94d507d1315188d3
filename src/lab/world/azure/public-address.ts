import type { Machine } from '../contracts.js';
import type { NetworkInterface } from './model.js';
import { allowsInboundTcp } from './security-rules.js';
import type { AzureState } from './state.js';
import { findTyped, listOf } from './state.js';
import { findSubnet } from './virtual-networks.js';

/** What answers behind a public address. */
export interface PublicAddress {
  readonly machine: Machine;
  /** Whether a TCP connection from `sourceIp` to `port` passes the security groups of subnet and NIC. */
  allowsInbound(port: number, sourceIp: string): boolean;
}

/** Finds the machine behind a public IPv4 address; undefined when nothing with a place is there (packets are lost). */
export function resolvePublicAddress(state: AzureState, address: string): PublicAddress | undefined {
  const ip = listOf(state, 'Microsoft.Network/publicIPAddresses').find((entry) => entry.address === address);
  if (!ip) return undefined;
  for (const nic of listOf(state, 'Microsoft.Network/networkInterfaces')) {
    const configuration = nic.ipConfigurations.find(
      (entry) => entry.properties.publicIPAddress?.id.toLowerCase() === ip.id.toLowerCase(),
    );
    const vm = findTyped(state, 'Microsoft.Compute/virtualMachines', nic.attachedTo);
    if (!configuration || !vm?.machine || !vm.allocated) continue;
    return {
      machine: vm.machine,
      allowsInbound: (port, sourceIp) => passes(state, nic, configuration, port, sourceIp),
    };
  }
  return undefined;
}

/** Both groups must allow it; a Standard address with no group at all is closed. */
function passes(
  state: AzureState,
  nic: NetworkInterface,
  configuration: NetworkInterface['ipConfigurations'][number],
  port: number,
  sourceIp: string,
): boolean {
  const subnetId = configuration.properties.subnet?.id;
  const subnet = subnetId === undefined ? undefined : findSubnet(state, subnetId)?.subnet;
  const groups = [subnet?.properties.networkSecurityGroup?.id, nic.properties.networkSecurityGroup?.id]
    .map((id) => findTyped(state, 'Microsoft.Network/networkSecurityGroups', id))
    .filter((group) => group !== undefined);
  const { privateAddress } = configuration;
  return groups.length > 0 && groups.every((group) => allowsInboundTcp(group.rules, port, sourceIp, privateAddress));
}
