import type { ContainerProcessContext } from '../contracts.js';
import type { Simulation } from '../simulation.js';
import { info, warning, type Dialect } from './dialect.js';
import type { FilesInside } from './files-inside.js';
import type { DockurStorage } from './storage.js';

/** First address that Docker's default bridge gives, and the one dockur >= 6.00 makes of it for Windows. */
const CONTAINER_IP = '172.17.0.2';
const GUEST_IP = '172.30.0.2';
const USER_MODE_NOTICE =
  'Notice: because user-mode networking is active, when you need to forward custom ports to Windows, add them to the "USER_PORTS" variable.';

export interface NetworkSetUp {
  readonly simulation: Simulation;
  readonly context: ContainerProcessContext;
  readonly dialect: Dialect;
  readonly storage: DockurStorage;
  readonly files: FilesInside;
  /** Asked for by NETWORK. */
  readonly userMode: boolean;
}

/**
 * Bridge, tap and DHCP as dockur makes them; without NET_ADMIN it falls back to user mode. Leaves the guest's address where
 * each version leaves it: the log, `qemu.ip`, the DHCP lease.
 */
export function setUpNetwork(set: NetworkSetUp): { readonly userMode: boolean; readonly texts: readonly string[] } {
  const { context, dialect, storage, files } = set;
  const texts: string[] = [];
  if (dialect.printsGuestLine) texts.push(`\n❯ Host: ${CONTAINER_IP}/16 (${context.containerId.slice(0, 12)})\n`);
  const mayBridge = context.capabilities.includes('NET_ADMIN');
  if (!set.userMode && !mayBridge) {
    const missing = context.devices.includes('/dev/net/tun')
      ? 'failed to create bridge. Please add the following setting to your container: --cap-add NET_ADMIN'
      : 'TUN device is missing. Please add the following setting to your container: --device /dev/net/tun';
    texts.push(warning(missing));
    texts.push(warning('failed to setup NAT networking, falling back to user-mode networking!'));
  }
  const userMode = set.userMode || !mayBridge;
  const mac = storage.read('windows.mac') ?? newMac(set.simulation);
  storage.write('windows.mac', mac);
  const guestIp = userMode ? CONTAINER_IP : GUEST_IP;
  if (dialect.version !== '5.14') files.write('/run/shm/qemu.ip', guestIp);
  const client = mac.toLowerCase();
  const lease = `${Math.floor(set.simulation.now / 1000)} ${client} ${guestIp} Windows 01:${client}\n`;
  if (!userMode) files.write('/var/lib/misc/dnsmasq.leases', lease);
  const mode = userMode ? 'User (passt)' : 'NAT';
  if (dialect.printsGuestLine) texts.push(`❯ Guest: ${guestIp} (Windows)  |  Mode: ${mode}  |  MAC: ${mac}\n\n`);
  if (userMode) texts.push(info(USER_MODE_NOTICE));
  return { userMode, texts };
}

function newMac(simulation: Simulation): string {
  const hex = simulation.randomHex(10).toUpperCase();
  return ['02', ...(hex.match(/../g) ?? [])].join(':');
}
