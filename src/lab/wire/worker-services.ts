import type { Duplex } from 'node:stream';
import type { ContainerProcess, Machine } from '../world/contracts.js';
import { engineHostOf } from '../world/docker/docker-host.js';
import type { Simulation } from '../world/simulation.js';
import { serveDocker } from './docker/serve-docker.js';
import { serveStatusPage } from './dockur-web/serve-status-page.js';
import { serveQmp } from './qmp/serve-qmp.js';
import { serveGuest } from './waa-server/serve-guest.js';

const DOCKER_SOCKET = '/var/run/docker.sock';
const WAA_SERVER_PORT = 5000;
const VIEWER_PORT = 8006;

/** Serves a TCP port of a machine's loopback: the published ports of its containers. False: nothing listens. */
export function servePort(machine: Machine, port: number, stream: Duplex): boolean {
  const found = publishedBy(machine, port);
  if (!found) return false;
  const { process, containerPort } = found;
  const { guest } = process.ports;
  if (containerPort === VIEWER_PORT) {
    serveStatusPage(process.ports, stream);
    return true;
  }
  if (containerPort !== WAA_SERVER_PORT) return false;
  // Docker's proxy has accepted by the time it learns that nobody listens behind it, and then hangs up.
  if (guest && guest.server !== 'refused') serveGuest(guest, stream);
  else stream.destroy();
  return true;
}

/** Serves a unix socket of a machine: Docker's, and QMP sockets that QEMU made on a bind mount. */
export function serveSocket(simulation: Simulation): (machine: Machine, path: string, stream: Duplex) => boolean {
  return (machine, path, stream) => {
    if (path === DOCKER_SOCKET || path === '/run/docker.sock') {
      if (machine.docker.daemon !== 'running') return false;
      serveDocker(machine.docker, stream);
      return true;
    }
    const qemu = processesOf(machine)
      .map((process) => process.qemu)
      .find((candidate) => candidate?.qmpSocket === path);
    if (!qemu) return false;
    serveQmp(qemu, stream, { now: () => simulation.now });
    return true;
  };
}

function processesOf(machine: Machine): readonly ContainerProcess[] {
  return machine.docker.containers.flatMap((container) => container.process ?? []);
}

/** The running process whose container publishes this host port. */
function publishedBy(
  machine: Machine,
  port: number,
): { readonly process: ContainerProcess; readonly containerPort: number } | undefined {
  const stored = engineHostOf(machine.docker).engine?.containers.list() ?? [];
  for (const container of machine.docker.containers) {
    const ports = stored.find((one) => one.id === container.id)?.config.ports ?? [];
    const published = ports.find((one) => one.hostPort === port);
    if (published && container.process)
      return { process: container.process, containerPort: Number.parseInt(published.container, 10) };
  }
  return undefined;
}
