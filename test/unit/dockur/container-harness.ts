import type { ContainerProcess, Disk, Machine, WorldFile } from '../../../src/lab/world/contracts.js';
import { createDockurProcesses } from '../../../src/lab/world/dockur/dockur-processes.js';
import { createScreenPainter } from '../../../src/lab/world/guest/screens.js';
import { realisticDurations } from '../../../src/lab/world/durations.js';
import { createSimulation, type Simulation } from '../../../src/lab/world/simulation.js';
import { createFaultBox } from '../../../src/lab/faults/fault-box.js';
import type { FaultId } from '../../../src/lab/faults/faults.js';

export const START = Date.UTC(2026, 0, 1);
const GIB = 1024 ** 3;
/** One painter for all tests of a file, at a quarter of the size: drawing and decoding would take most of the time. */
const painter = createScreenPainter(0.25);

/** A simulation with its own faults, realistic durations and a fixed seed. */
export function newSimulation(seed = 7): Simulation {
  let simulation: Simulation | undefined = undefined as Simulation | undefined;
  const faults = createFaultBox(
    () => simulation?.now ?? START,
    () => simulation?.random() ?? 0,
  );
  simulation = createSimulation({ startMs: START, seed, durations: realisticDurations, faults });
  return simulation;
}

export function newDisk(id: string, sizeGb: number): Disk {
  return { id, sizeGb, label: '', formatted: true, files: new Map(), usedBytes: new Map(), data: new Map() };
}

export interface MachineOptions {
  readonly dataGb?: number;
  readonly nestedVirtualization?: boolean;
  readonly cpuCores?: number;
  readonly memoryMb?: number;
}

/** A running Linux machine with `/` and `/data`, files kept in memory; no Docker of its own. */
export function newMachine(options: MachineOptions = {}): Machine {
  const osDisk = newDisk('os', 64);
  const data = newDisk('data', options.dataGb ?? 256);
  const mounts = new Map([
    ['/', osDisk],
    ['/data', data],
  ]);
  const diskOf = (path: string): Disk => (path === '/data' || path.startsWith('/data/') ? data : osDisk);
  const unused = (): never => {
    throw new Error('this machine has no Docker');
  };
  return {
    spec: {
      name: 'waa-test-w0',
      cpuCores: options.cpuCores ?? 8,
      memoryMb: options.memoryMb ?? 32 * 1024,
      nestedVirtualization: options.nestedVirtualization ?? true,
      securityType: 'Standard',
      osDisk,
      dataDisks: [{ lun: 0, disk: data }],
      adminUser: 'azureuser',
      sshPublicKeys: [],
      customData: '',
    },
    power: 'running',
    agentReady: true,
    bootId: 'boot-1',
    sshd: 'up',
    get docker() {
      return unused();
    },
    mounts,
    powerOn: unused,
    powerOff: unused,
    mountAll: () => undefined,
    onSshdChange: () => () => undefined,
    onGuestPoweroff: undefined,
    readFile: (path) => diskOf(path).files.get(path),
    writeFile(path, content, modeBits = 0o644) {
      diskOf(path).files.set(path, { content: Buffer.from(content), modeBits, modifiedMs: 0 });
    },
    removeTree(path) {
      const files: Map<string, WorldFile> = diskOf(path).files;
      for (const name of [...files.keys()]) if (name === path || name.startsWith(`${path}/`)) files.delete(name);
    },
    listFiles: (directory) => [...diskOf(directory).files.keys()].filter((name) => name.startsWith(`${directory}/`)),
  };
}

export interface StartOptions {
  readonly image?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly devices?: readonly string[];
  readonly capabilities?: readonly string[];
  readonly binds?: Readonly<Record<string, string>>;
  /** The whole environment, in place of the one that works. */
  readonly exactEnv?: Readonly<Record<string, string>>;
  readonly onProcess?: (process: ContainerProcess) => void;
  readonly onLog?: (text: string) => void;
  readonly onExit?: (code: number) => void;
}

export interface RunningContainer {
  readonly process: ContainerProcess;
  readonly log: () => string;
  readonly exitCode: () => number | undefined;
}

export const STORAGE = '/data/waa/storage';
const goodEnv = {
  VERSION: '11e',
  RAM_SIZE: '8G',
  CPU_CORES: '8',
  DISK_SIZE: '64G',
  WIDTH: '1440',
  HEIGHT: '900',
  HOST_PORTS: '7200',
  USER_PORTS: '5000',
  ARGUMENTS: '-qmp unix:/run/waa/qmp.sock,server=on,wait=off',
};

/** Starts a dockur container on a machine with the specification that works, changed by `options`. */
export function startContainer(simulation: Simulation, machine: Machine, options: StartOptions = {}): RunningContainer {
  const binds = options.binds ?? { '/storage': STORAGE, '/run/waa': '/data/waa/run' };
  let log = '';
  let exitCode: number | undefined = undefined as number | undefined;
  const process = createDockurProcesses(simulation, { painter })(options.image ?? 'windowsarena/waa-auto:2026.11', {
    machine,
    containerId: 'c0ffee00c0ffee00',
    env: options.exactEnv ?? { ...goodEnv, ...options.env },
    devices: options.devices ?? ['/dev/kvm', '/dev/net/tun'],
    capabilities: options.capabilities ?? ['NET_ADMIN'],
    hostPath(path) {
      const target = Object.keys(binds).find((bind) => path === bind || path.startsWith(`${bind}/`));
      return target === undefined ? undefined : `${binds[target] ?? ''}${path.slice(target.length)}`;
    },
    log: (text) => {
      log += text;
      options.onLog?.(text);
    },
    exit: (code) => {
      exitCode = code;
      options.onExit?.(code);
    },
  });
  if (!process) throw new Error('the image is not known');
  options.onProcess?.(process);
  process.start();
  return { process, log: () => log, exitCode: () => exitCode };
}

/** Moves the world on in seconds until `done` or `limitS`; returns the seconds it took. */
export function passUntil(simulation: Simulation, done: () => boolean, limitS = 7200): number {
  const begun = simulation.now;
  while (!done() && simulation.now - begun < limitS * 1000) simulation.advanceTo(simulation.now + 1000);
  if (!done()) throw new Error(`not done after ${limitS} s`);
  return (simulation.now - begun) / 1000;
}

export function pass(simulation: Simulation, seconds: number): void {
  simulation.advanceTo(simulation.now + seconds * 1000);
}

/** Lets time pass until the WAA server answers. */
export function passUntilServed(simulation: Simulation, container: RunningContainer): number {
  return passUntil(simulation, () => container.process.ports.guest?.server === 'up');
}

export function arm(simulation: Simulation, id: FaultId): void {
  simulation.faults.arm({ id });
}

export const gib = (count: number): number => count * GIB;
