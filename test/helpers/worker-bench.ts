import type { ContainerInfo, ContainerSpec, DockerEngine } from '../../src/clients/docker-engine/docker-engine.js';
import { parseStatusFragment } from '../../src/clients/dockur-web/read-dockur-status.js';
import type { OpenQmp, QemuStatus } from '../../src/clients/qmp/qmp.js';
import type { SshLink, SshLinks } from '../../src/clients/ssh/ssh.js';
import type { WaaServer } from '../../src/clients/waa-server/waa-server.js';
import { createManualClock } from '../../src/clock/manual-clock.js';
import { configSchema } from '../../src/config/schema.js';
import { fail } from '../../src/failures/waa-error.js';
import { Deadline } from '../../src/health/deadline.js';
import type { HostTools, MediaFacts } from '../../src/host/host-tools.js';
import { freeBytes, type ContainerProcess, type Qemu } from '../../src/lab/world/contracts.js';
import { goldenCopy } from '../../src/lab/world/dockur/golden-copy.js';
import { allocatedDiskBytes, diskAt, openStorage } from '../../src/lab/world/dockur/storage.js';
import type { DockerOutput } from '../../src/layers/io.js';
import type { LayerContext, LayerMemory, Progress } from '../../src/layers/layer.js';
import type { WorkerPlan } from '../../src/layers/worker-plan.js';
import { retryPolicies } from '../../src/retry/policies.js';
import { createRetrier } from '../../src/retry/retry.js';
import {
  newMachine,
  newSimulation,
  START,
  startContainer,
  STORAGE,
  type MachineOptions,
} from '../unit/dockur/container-harness.js';

/** Things a test never needs; calling one is an error in the test. */
function notUsed(what: string): () => never {
  return () => {
    throw new Error(`the bench has no ${what}`);
  };
}

interface Slot {
  readonly spec: ContainerSpec;
  readonly id: string;
  state: ContainerInfo['state'];
  exitCode: number;
  startedAt: number;
  log: string;
  process: ContainerProcess | undefined;
}

/**
 * One worker in memory: the lab's own dockur container behind a typed fake of the Docker engine, of SSH and of the host
 * scripts. The world's time follows a manual clock.
 */
export function createWorkerBench(
  options: MachineOptions & { readonly windows?: Partial<WorkerPlan['config']['windows']> } = {},
) {
  const clock = createManualClock(START);
  const simulation = newSimulation();
  const machine = newMachine(options);
  const calls: string[] = [];
  /** How the download of Windows stands at each look; nobody began it when there are no more. */
  const media: MediaFacts['state'][] = [];
  const reported: Progress[] = [];
  const tokens = new Map<string, string>();
  let slot: Slot | undefined;
  let made = 0;

  const sync = (): void => simulation.advanceTo(clock.now());
  const current = (): Slot => {
    if (!slot) throw new Error('no container');
    return slot;
  };
  const infoOf = (one: Slot): ContainerInfo => ({
    id: one.id,
    name: one.spec.name,
    image: one.spec.image,
    imageId: 'sha256:image',
    state: one.state,
    exitCode: one.exitCode,
    oomKilled: false,
    startedAt: new Date(one.startedAt).toISOString(),
    finishedAt: '0001-01-01T00:00:00Z',
    restartCount: 0,
    labels: one.spec.labels,
    spec: { ...one.spec, env: { PATH: '/usr/bin', ...one.spec.env } },
  });
  const ended = (one: Slot, code: number): void => {
    one.state = 'exited';
    one.exitCode = code;
    one.process = undefined;
  };

  const engine: DockerEngine = {
    ping: notUsed('ping'),
    info: notUsed('info'),
    inspectImage: notUsed('inspectImage'),
    pullImage: notUsed('pullImage'),
    pushImage: notUsed('pushImage'),
    buildImage: notUsed('buildImage'),
    prune: notUsed('prune'),
    async inspectContainer(nameOrId) {
      sync();
      return slot && (slot.id === nameOrId || slot.spec.name === nameOrId) ? infoOf(slot) : undefined;
    },
    async createContainer(spec) {
      calls.push('create');
      made += 1;
      slot = {
        spec,
        id: `c${made}`,
        state: 'created',
        exitCode: 0,
        startedAt: clock.now(),
        log: '',
        process: undefined,
      };
      return slot.id;
    },
    async startContainer() {
      sync();
      calls.push('start');
      const one = current();
      one.state = 'running';
      one.startedAt = clock.now();
      startContainer(simulation, machine, {
        image: one.spec.image,
        exactEnv: one.spec.env,
        devices: one.spec.devices,
        capabilities: one.spec.capabilities,
        binds: Object.fromEntries(one.spec.binds.map(({ source, target }) => [target, source])),
        onProcess: (process) => {
          one.process = process;
        },
        onLog: (text) => {
          one.log += text;
        },
        onExit: (code) => ended(one, code),
      });
    },
    async stopContainer(_id, timeoutS, deadline) {
      calls.push('stop');
      const one = current();
      one.process?.signal('SIGTERM');
      for (let second = 0; one.process && second < timeoutS; second += 1) {
        await clock.sleep(1000, deadline.signal);
        sync();
      }
      if (one.process) await engine.killContainer(one.id, deadline);
    },
    async killContainer() {
      const one = current();
      one.process?.kill();
      ended(one, 137);
    },
    async removeContainer() {
      calls.push('remove');
      slot = undefined;
    },
    async logs(_id, tailLines) {
      sync();
      return current().log.split('\n').slice(-tailLines).join('\n');
    },
    async exec(_id, argv) {
      sync();
      return current().process?.exec(argv, '') ?? { exitCode: 127, stdout: '', stderr: '' };
    },
  };

  const qemu = (): Qemu => {
    sync();
    const running = slot?.process?.qemu;
    if (!running) throw fail('QEMU_QMP_CLOSED', { command: 'opening the socket' });
    return running;
  };
  const openQmp: OpenQmp = async () => {
    const opened = qemu();
    return {
      status: async () => opened.status as QemuStatus,
      kvmEnabled: async () => opened.kvm,
      blockStats: async () => ({ readBytes: opened.readBytes, writtenBytes: opened.writtenBytes }),
      async screendump(path) {
        if (!opened.screendumpTo(path))
          throw fail('QEMU_QMP_COMMAND', { command: 'screendump', errorClass: 'GenericError', detail: path });
      },
      async systemPowerdown() {
        calls.push('powerdown');
        opened.powerdown();
      },
      async systemReset() {
        calls.push('reset');
        opened.reset();
      },
      async cont() {
        calls.push('cont');
        opened.cont();
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  };

  const link: SshLink = {
    address: { host: '203.0.113.9', port: 22, user: 'azureuser' },
    closed: false,
    exec: notUsed('exec'),
    stream: notUsed('stream'),
    forwardTcp: notUsed('forwardTcp'),
    forwardUnix: notUsed('forwardUnix'),
    close: () => undefined,
  };
  const links: SshLinks = {
    open: () => Promise.resolve(link),
    forget: () => Promise.resolve(),
    hangUp: () => undefined,
    close: () => Promise.resolve(),
  };
  const host: HostTools = {
    facts: notUsed('facts'),
    kvmSelftest: notUsed('kvmSelftest'),
    prepareDataDisk: notUsed('prepareDataDisk'),
    installDocker: notUsed('installDocker'),
    startDocker: notUsed('startDocker'),
    hostLogs: notUsed('hostLogs'),
    scheduledEvents: notUsed('scheduledEvents'),
    media: async () => {
      const state = media.shift() ?? 'absent';
      return { state, doneBytes: 1, totalBytes: 4, detail: state === 'failed' ? 'its words' : '' };
    },
    async cleanDisks() {
      calls.push('clean');
      const clutter = machine.mounts.get('/data')?.usedBytes;
      const freed = clutter?.get('clutter') ?? 0;
      clutter?.delete('clutter');
      return freed;
    },
    async storage(_link, directory) {
      sync();
      const storage = openStorage(machine, directory);
      return {
        exists: true,
        hasDisk: machine.readFile(`${directory}/data.img`) !== undefined,
        diskAllocatedBytes: storage.windows?.allocatedBytes ?? 0,
        installedMarker: storage.marked,
        begunS: 0,
        base: storage.read('windows.base') ?? '',
        version: storage.read('windows.ver') ?? '',
      };
    },
    async markInstalled(_link, directory) {
      calls.push('mark');
      machine.writeFile(`${directory}/windows.boot`, '');
    },
    async resetStorage(_link, directory) {
      calls.push('erase');
      machine.removeTree(directory);
    },
    async golden(_link, step, directory) {
      calls.push(`golden ${step}`);
      sync();
      const copy = goldenCopy(machine, directory);
      if (step === 'capture') copy.capture(Math.floor(clock.now() / 1000));
      if (step === 'restore') copy.restore();
      const disk = diskAt(machine, directory);
      return {
        exists: copy.kept !== undefined,
        bytes: copy.bytes,
        capturedS: copy.kept?.capturedS ?? 0,
        used: copy.used,
        neededBytes: allocatedDiskBytes(machine, directory) * 2,
        freeBytes: freeBytes(disk),
      };
    },
    async readFile(_link, path) {
      sync();
      const file = machine.readFile(path);
      if (!file) throw fail('WINDOWS_SCREEN_UNREADABLE', { problem: `no file ${path}` });
      return file.content;
    },
  };

  const config = configSchema.parse({ windows: options.windows ?? {} });
  const plan: WorkerPlan = {
    deployment: 'test',
    worker: 'w0',
    owner: 'tester',
    resourceGroup: 'waa-test',
    vmName: 'waa-test-w0',
    region: 'eastus',
    vmSize: 'Standard_D8ds_v5',
    sshPublicKey: 'ssh-ed25519 AAAA',
    createdAt: '2026-01-01T00:00:00Z',
    dataDirectory: '/data',
    config,
  };
  const input: DockerOutput = {
    address: link.address,
    bootId: 'boot-1',
    cpuCores: machine.spec.cpuCores,
    memoryMb: machine.spec.memoryMb,
    dataDirectory: '/data',
    acceleration: 'kvm',
    image: 'windowsarena/waa-auto:2026.11',
    imageId: 'sha256:image',
  };
  const memory: LayerMemory = {
    resumeToken: (name) => tokens.get(name),
    async saveResumeToken(name, token) {
      if (token === undefined) tokens.delete(name);
      else tokens.set(name, token);
    },
  };
  const server: WaaServer = {
    probe: notUsed('probe'),
    execute: notUsed('execute'),
    screenshot: notUsed('screenshot'),
    accessibilityTree: notUsed('accessibilityTree'),
    screenSize: notUsed('screenSize'),
    closeAll: notUsed('closeAll'),
    clearTaskFiles: notUsed('clearTaskFiles'),
    async shutdown() {
      sync();
      const guest = slot?.process?.ports.guest;
      if (!guest) throw fail('SERVER_NOT_LISTENING', { call: 'POST /shutdown' });
      calls.push('guest shutdown');
      guest.shutdown();
    },
  };
  const emit = (): void => undefined;

  return {
    clock,
    simulation,
    machine,
    calls,
    media,
    tokens,
    reported,
    plan,
    input,
    server,
    links,
    engine: () => engine,
    openQmp,
    host,
    readStatus: async () => {
      sync();
      const page = slot?.process?.ports.statusPage;
      return page === undefined ? ('over' as const) : parseStatusFragment(page);
    },
    storage: () => openStorage(machine, STORAGE),
    container: () => slot,
    /** What a layer is given, with `budgetMs` for its step. */
    context(budgetMs = 3_600_000, recoveryAttempt = 0): LayerContext {
      return {
        clock,
        emit,
        memory,
        recoveryAttempt,
        deadline: Deadline.after(budgetMs, clock),
        retry: createRetrier({ clock, policies: retryPolicies, emit, random: () => 0 }),
        worker: 'w0',
        report: (progress) => reported.push(progress),
      };
    },
    /** Runs a step to its end, moving time as it asks for. */
    run: <T>(step: Promise<T>): Promise<T> => clock.runUntil(step),
    /** Lets time pass with nobody looking. */
    async pass(seconds: number): Promise<void> {
      await clock.advance(seconds * 1000);
      sync();
    },
  };
}

export type WorkerBench = ReturnType<typeof createWorkerBench>;
