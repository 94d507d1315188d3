import type { DockerEngine } from '../../clients/docker-engine/docker-engine.js';
import type { Deadline } from '../../health/deadline.js';
import type { DockurLog } from '../../health/dockur-log.js';

const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/**
 * Address of Windows in the container's network: the log's `Guest:` line (dockur >= 6.00), `/run/shm/qemu.ip` (>= 5.16),
 * or the lease that dnsmasq gave (all versions). Undefined while there is none.
 */
export async function guestIpOf(
  engine: DockerEngine,
  containerId: string,
  log: DockurLog,
  deadline: Deadline,
): Promise<string | undefined> {
  if (log.guestIp !== undefined && IPV4.test(log.guestIp)) return log.guestIp;
  const written = (await readInside(engine, containerId, '/run/shm/qemu.ip', deadline))?.trim();
  if (written !== undefined && IPV4.test(written)) return written;
  const lease = await readInside(engine, containerId, '/var/lib/misc/dnsmasq.leases', deadline);
  const leased = lease?.split(/\s+/)[2];
  return leased !== undefined && IPV4.test(leased) ? leased : undefined;
}

/** dockur's version: the banner, or its version file when the banner is out of the log's tail. */
export async function versionOf(
  engine: DockerEngine,
  containerId: string,
  log: DockurLog,
  deadline: Deadline,
): Promise<string> {
  if (log.version !== undefined) return log.version;
  const six = await readInside(engine, containerId, '/etc/version', deadline);
  const five = six === undefined ? await readInside(engine, containerId, '/run/version', deadline) : undefined;
  return (six ?? five ?? 'unknown').trim();
}

async function readInside(
  engine: DockerEngine,
  containerId: string,
  path: string,
  deadline: Deadline,
): Promise<string | undefined> {
  const { exitCode, stdout } = await engine.exec(containerId, ['cat', path], deadline);
  return exitCode === 0 && stdout.trim() !== '' ? stdout : undefined;
}
