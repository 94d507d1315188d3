import type { Machine } from '../contracts.js';
import type { Timers } from './timers.js';

const DROP_IN_DIRECTORY = '/etc/systemd/system/docker.service.d';
/** How often who waits for the daemon looks. */
const DAEMON_LOOK_MS = 250;

/** The data-root of /etc/docker/daemon.json, or Docker's default. */
export function configuredDataRoot(machine: Machine): string {
  const text = machine.readFile('/etc/docker/daemon.json')?.content.toString('utf8') ?? '{}';
  try {
    const parsed = JSON.parse(text) as { 'data-root'?: unknown };
    return typeof parsed['data-root'] === 'string' ? parsed['data-root'] : '/var/lib/docker';
  } catch {
    return '/var/lib/docker';
  }
}

/** False when a systemd drop-in makes docker.service wait for a mount point that is not mounted. */
export function dockerMayStart(machine: Machine): boolean {
  return machine.listFiles(DROP_IN_DIRECTORY).every((path) => {
    const condition = /^ConditionPathIsMountPoint=(.+)$/m.exec(machine.readFile(path)?.content.toString('utf8') ?? '');
    return !condition?.[1] || machine.mounts.has(condition[1].trim());
  });
}

/** Puts Docker on the machine with this data-root and starts it; what is so already stays so. */
export function installDocker(machine: Machine, dataRoot: string): void {
  const text = `${JSON.stringify({ 'data-root': dataRoot }, undefined, 2)}\n`;
  machine.writeFile('/etc/docker/daemon.json', text);
  machine.docker.install(dataRoot);
}

/**
 * Goes on once the daemon is up, or its start has failed; at once when it is not starting. docker.service is of
 * Type=notify: `apt-get install` and `systemctl start` return only then.
 */
export function whenDaemonSettled(machine: Machine, timers: Timers, then: () => void): void {
  if (machine.docker.daemon !== 'starting') {
    then();
    return;
  }
  timers.after(DAEMON_LOOK_MS, () => {
    whenDaemonSettled(machine, timers, then);
  });
}
