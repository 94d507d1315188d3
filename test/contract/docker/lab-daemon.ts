import net from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { createFaultBox } from '../../../src/lab/faults/fault-box.js';
import { serveDocker } from '../../../src/lab/wire/docker/serve-docker.js';
import type {
  ContainerProcessFactory,
  Disk,
  DockerHost,
  Machine,
  WorldFile,
} from '../../../src/lab/world/contracts.js';
import { createDockerHost } from '../../../src/lab/world/docker/docker-host.js';
import { createRegistryWorld, type RegistryWorld } from '../../../src/lab/world/docker/registry-world.js';
import { realisticDurations } from '../../../src/lab/world/durations.js';
import { createSimulation, type Simulation } from '../../../src/lab/world/simulation.js';

const START_MS = Date.UTC(2026, 10, 22, 5);

export const blankDisk = (id: string, sizeGb: number): Disk => ({
  id,
  sizeGb,
  label: '',
  formatted: true,
  files: new Map(),
  usedBytes: new Map(),
  data: new Map(),
});

/** A machine that is only what a daemon needs: two disks and files on them. */
export function bareMachine(options: { dataGb?: number } = {}): {
  machine: Machine;
  connectDocker(host: DockerHost): void;
} {
  const osDisk = blankDisk('os', 64);
  const dataDisk = blankDisk('data', options.dataGb ?? 256);
  const files = new Map<string, WorldFile>();
  for (const device of ['/dev/kvm', '/dev/net/tun'])
    files.set(device, { content: Buffer.alloc(0), modeBits: 0o660, modifiedMs: 0 });
  let docker: DockerHost | undefined;
  const machine: Machine = {
    spec: {
      name: 'waa-w0',
      cpuCores: 8,
      memoryMb: 32_768,
      nestedVirtualization: true,
      securityType: 'Standard',
      osDisk,
      dataDisks: [{ lun: 0, disk: dataDisk }],
      adminUser: 'azureuser',
      sshPublicKeys: [],
      customData: '',
    },
    power: 'running',
    agentReady: true,
    bootId: 'boot',
    sshd: 'up',
    mounts: new Map([
      ['/', osDisk],
      ['/data', dataDisk],
    ]),
    onGuestPoweroff: undefined,
    mountAll: () => undefined,
    onSshdChange: () => () => undefined,
    get docker() {
      if (!docker) throw new Error('no docker yet');
      return docker;
    },
    powerOn: () => undefined,
    powerOff: () => undefined,
    readFile: (file) => files.get(file),
    writeFile: (file, content, modeBits = 0o644) =>
      void files.set(file, { content: Buffer.from(content), modeBits, modifiedMs: 0 }),
    removeTree: (file) => void files.delete(file),
    listFiles: (directory) => [...files.keys()].filter((file) => file.startsWith(`${directory}/`)),
  };
  return {
    machine,
    connectDocker: (host) => {
      docker = host;
    },
  };
}

/** A simulation without any pace: whatever is due next happens in the next turn of the event loop. */
export function hastySimulation(seed = 7): Simulation {
  const box: { simulation?: Simulation } = {};
  const faults = createFaultBox(
    () => box.simulation?.now ?? START_MS,
    () => box.simulation?.random() ?? 0,
  );
  const simulation = createSimulation({ startMs: START_MS, seed, durations: realisticDurations, faults });
  box.simulation = simulation;
  let queued = false;
  const step = (): void => {
    queued = false;
    if (simulation.nextAt === undefined) return;
    simulation.advanceTo(simulation.nextAt);
    schedule();
  };
  const schedule = (): void => {
    if (queued || simulation.nextAt === undefined) return;
    queued = true;
    setImmediate(step);
  };
  simulation.onScheduled = schedule;
  return simulation;
}

export interface LabDaemon extends AsyncDisposable {
  readonly simulation: Simulation;
  readonly machine: Machine;
  readonly host: DockerHost;
  readonly registry: RegistryWorld;
  /** Where the daemon listens. */
  readonly socketPath: string;
  readonly connections: ReadonlySet<Duplex>;
}

export interface LabDaemonOptions {
  readonly processes?: ContainerProcessFactory;
  readonly dataGb?: number;
  readonly dataRoot?: string;
}

/** An emulated daemon, started, on a unix socket of this machine. */
export async function startLabDaemon(options: LabDaemonOptions = {}): Promise<LabDaemon> {
  const simulation = hastySimulation();
  const registry = createRegistryWorld();
  const { machine, connectDocker } = bareMachine(options);
  const host = createDockerHost(simulation, { processes: options.processes ?? (() => undefined), registry })(machine);
  connectDocker(host);
  host.install(options.dataRoot ?? '/data/docker');
  while (host.daemon !== 'running') await new Promise((resolve) => setImmediate(resolve));

  const directory = await mkdtemp(path.join(tmpdir(), 'waa-docker-'));
  const socketPath = path.join(directory, 'docker.sock');
  const connections = new Set<Duplex>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    serveDocker(host, socket);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    simulation,
    machine,
    host,
    registry,
    socketPath,
    connections,
    async [Symbol.asyncDispose]() {
      simulation.onScheduled = undefined;
      for (const socket of connections) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
