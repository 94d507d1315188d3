import type { DockerEngine, PullProgress } from '../../../src/clients/docker-engine/docker-engine.js';
import type { RegistryClient } from '../../../src/clients/registry/registry.js';
import type { SshLink, SshLinks } from '../../../src/clients/ssh/ssh.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { configSchema, type Config } from '../../../src/config/schema.js';
import { fail, type WaaError } from '../../../src/failures/waa-error.js';
import { Deadline } from '../../../src/health/deadline.js';
import type { HostFacts, HostTools, StorageFacts } from '../../../src/host/host-tools.js';
import { createDockerLayer } from '../../../src/layers/docker/index.js';
import type { VmOutput } from '../../../src/layers/io.js';
import type { LayerContext, Progress } from '../../../src/layers/layer.js';
import type { HostPlan } from '../../../src/layers/worker-plan.js';
import { retryPolicies } from '../../../src/retry/policies.js';
import { createRetrier } from '../../../src/retry/retry.js';
import { createRecordingBus } from '../../helpers/recording-bus.js';

export const GIB = 1024 ** 3;
export const DIGEST = `sha256:${'1'.repeat(64)}`;
export const IMAGE = 'windowsarena/waa-auto:2026.11';

/** A worker as data: tests set what is so, the layer changes it through its tools. */
export interface FakeWorker {
  installed: boolean;
  /** `forbidden`: runs, but not for us until the next login. */
  daemon: 'up' | 'down' | 'forbidden';
  /** For how many seconds systemd has been starting it; a test moves it on. */
  startingS: number | undefined;
  startable: boolean;
  dataRoot: string;
  freeBytes: number;
  /** What a cleaning frees, once. */
  dirtBytes: number;
  hasWindows: boolean;
  /** Local images: reference to id and digests. */
  readonly images: Map<string, { id: string; digests: string[] }>;
  /** What a pull of a reference does; by default it comes. */
  readonly pulls: Map<string, (report: (progress: PullProgress) => void, deadline: Deadline) => Promise<void>>;
  readonly calls: string[];
  /** What was asked about the media of Windows, and after which calls. */
  readonly media: string[];
  /** Reason for which the download of Windows cannot begin. */
  mediaFault: string | undefined;
}

const hostPlan: HostPlan = {
  address: { host: '20.0.0.1', port: 22, user: 'azureuser' },
  dockerSocket: '/var/run/docker.sock',
  installDocker: false,
  allowTcg: false,
  claim: { id: 'me', text: 'me' },
};

const notFaked = (what: string) => () => Promise.reject(new Error(`the test did not expect ${what}`));

/** A docker layer over a worker made of data; with `own` over a host of the user's. */
export function createBench(image: Partial<Config['image']> = {}, own?: Pick<HostPlan, 'installDocker'>) {
  const clock = createManualClock();
  const bus = createRecordingBus(clock);
  const worker: FakeWorker = {
    installed: true,
    daemon: 'up',
    startingS: undefined,
    startable: true,
    dataRoot: '/data/docker',
    freeBytes: 200 * GIB,
    dirtBytes: 0,
    hasWindows: false,
    images: new Map(),
    pulls: new Map(),
    calls: [],
    media: [],
    mediaFault: undefined,
  };
  const clean = (what: string) => () => {
    worker.calls.push(what);
    const freed = worker.dirtBytes;
    worker.freeBytes += freed;
    worker.dirtBytes = 0;
    return Promise.resolve(freed);
  };
  const answers = (): void => {
    if (worker.daemon !== 'up') throw fail('DOCKER_DAEMON_DOWN', { detail: 'refused' });
  };
  const engine: DockerEngine = {
    ping: async () => answers(),
    pushImage: () => Promise.reject(new Error('the layer pushes nothing')),
    info: async () => {
      answers();
      return { version: '27.5.1', dataRoot: worker.dataRoot, storageDriver: 'overlay2' };
    },
    inspectImage: async (reference) => {
      answers();
      const found = worker.images.get(reference);
      return found && { ...found, sizeBytes: 9 * GIB };
    },
    pullImage: async (reference, deadline, report) => {
      answers();
      worker.calls.push(`pull ${reference}`);
      await worker.pulls.get(reference)?.(report, deadline);
      const [name = '', digest = DIGEST] = reference.split('@');
      worker.images.set(reference, { id: 'sha256:image', digests: [`${name.replace(/:[^/:]*$/, '')}@${digest}`] });
    },
    buildImage: notFaked('buildImage'),
    prune: clean('prune'),
    inspectContainer: notFaked('inspectContainer'),
    createContainer: notFaked('createContainer'),
    startContainer: notFaked('startContainer'),
    stopContainer: notFaked('stopContainer'),
    killContainer: notFaked('killContainer'),
    removeContainer: notFaked('removeContainer'),
    logs: notFaked('logs'),
    exec: notFaked('exec'),
  };
  const facts = (): HostFacts => ({
    bootId: 'boot',
    os: 'Ubuntu 24.04',
    kernel: '6.8',
    cpuCores: 8,
    memoryMb: 32_768,
    cpuVirtualization: true,
    kvm: { present: true, writable: true },
    docker: {
      installed: worker.installed,
      active: worker.daemon !== 'down',
      version: '27.5.1',
      startingS: worker.startingS,
    },
    cloudInit: { status: 'done', extendedStatus: 'done', exitCode: 0, errors: [] },
    mounts: [
      { path: '/', source: '/dev/sda1', fsType: 'ext4', sizeBytes: 64 * GIB, freeBytes: 40 * GIB },
      { path: '/data', source: '/dev/sdc', fsType: 'ext4', sizeBytes: 256 * GIB, freeBytes: worker.freeBytes },
    ],
    dataDevice: '/dev/sdc',
    epochMs: clock.now(),
  });
  const storage = (): StorageFacts => ({
    exists: true,
    hasDisk: worker.hasWindows,
    diskAllocatedBytes: 0,
    installedMarker: worker.hasWindows,
    begunS: 0,
    base: '',
    version: '',
  });
  const scriptFailure = (reason: string): WaaError =>
    fail('VM_HOST_SCRIPT_FAILED', { host: 'w0', script: 'docker', exitCode: 1, reason, detail: 'its words' });
  const host: HostTools = {
    facts: async () => facts(),
    storage: async () => storage(),
    installDocker: async (_link, dataRoot) => {
      worker.calls.push(`install ${dataRoot}`);
      if (!worker.startable) throw scriptFailure('apt-failed');
      Object.assign(worker, { installed: true, daemon: 'up', dataRoot });
    },
    startDocker: async () => {
      worker.calls.push('start');
      if (!worker.startable) throw scriptFailure('daemon-down');
      if (worker.daemon === 'down') worker.daemon = 'up';
    },
    cleanDisks: clean('clean'),
    scheduledEvents: async () => [],
    hostLogs: async () => ({ docker: 'level=error msg="..."' }),
    kvmSelftest: notFaked('kvmSelftest'),
    prepareDataDisk: notFaked('prepareDataDisk'),
    markInstalled: notFaked('markInstalled'),
    resetStorage: notFaked('resetStorage'),
    golden: notFaked('golden'),
    media: async (_link, step, directory, media) => {
      worker.media.push(`${step} ${directory}/${media.file} after ${worker.calls.join(', ') || 'nothing'}`);
      if (worker.mediaFault) throw scriptFailure(worker.mediaFault);
      return { state: 'running', doneBytes: 0, totalBytes: media.bytes, detail: '' };
    },
    readFile: notFaked('readFile'),
  };
  const link = {
    address: { host: '20.0.0.1', port: 22, user: 'azureuser' },
    close: () => worker.calls.push('log in again'),
  } as unknown as SshLink;
  const links: SshLinks = {
    open: async () => link,
    forget: async () => undefined,
    hangUp: () => undefined,
    close: async () => undefined,
  };
  const registry: RegistryClient = { manifest: notFaked('manifest') };
  const config = configSchema.parse({ image });
  const plan = {
    deployment: 'd',
    worker: 'w0',
    owner: 'o',
    resourceGroup: 'g',
    vmName: 'v',
    region: 'eastus',
    vmSize: 's',
    sshPublicKey: 'k',
    createdAt: '2026-11-22T00:00:00Z',
    dataDirectory: '/data',
    config,
    ...(own === undefined ? {} : { host: { ...hostPlan, ...own } }),
  };
  const layer = createDockerLayer({ engine: () => engine, links, host, registry, plan });
  const input: VmOutput = {
    address: link.address,
    bootId: 'boot',
    cpuCores: 8,
    memoryMb: 32_768,
    dataDirectory: '/data',
    acceleration: 'kvm',
  };
  const reports: Progress[] = [];
  const context = (recoveryAttempt = 0): LayerContext => ({
    clock,
    deadline: Deadline.after(layer.timeouts.provisionMs, clock),
    emit: bus.emit,
    retry: createRetrier({ clock, policies: retryPolicies, emit: bus.emit, random: () => 0 }),
    memory: { resumeToken: () => undefined, saveResumeToken: async () => undefined },
    worker: 'w0',
    recoveryAttempt,
    report: (progress) => {
      reports.push(progress);
    },
  });
  return {
    clock,
    bus,
    worker,
    layer,
    input,
    reports,
    context,
    engine,
    check: () => layer.check(context(), input),
    provision: () => clock.runUntil(layer.provision(context(), input, { state: 'absent' })),
    recover: (fault: WaaError, attempt = 0) => clock.runUntil(layer.recover(context(attempt), input, fault)),
  };
}
