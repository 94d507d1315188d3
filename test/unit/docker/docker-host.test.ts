import { describe, expect, it } from 'vitest';
import { createFaultBox } from '../../../src/lab/faults/fault-box.js';
import type { ContainerProcess, ContainerProcessContext, DockerHost } from '../../../src/lab/world/contracts.js';
import { createDockerHost, engineHostOf } from '../../../src/lab/world/docker/docker-host.js';
import type { ContainerConfig, StoredContainer } from '../../../src/lab/world/docker/engine-state.js';
import { EngineError } from '../../../src/lab/world/docker/engine-error.js';
import { createRegistryWorld } from '../../../src/lab/world/docker/registry-world.js';
import { realisticDurations } from '../../../src/lab/world/durations.js';
import { createSimulation, type Simulation } from '../../../src/lab/world/simulation.js';
import { parseCreateBody } from '../../../src/lab/wire/docker/create-body.js';
import { bareMachine } from '../../contract/docker/lab-daemon.js';

const START = Date.UTC(2026, 10, 22);
const MINUTE = 60_000;

/** A machine with a daemon and one kind of process, whose signals are recorded. */
function setUp(onSignal: (context: ContainerProcessContext) => void = () => undefined) {
  const box: { simulation?: Simulation } = {};
  const faults = createFaultBox(
    () => box.simulation?.now ?? START,
    () => 0,
  );
  const simulation = createSimulation({ startMs: START, seed: 3, durations: realisticDurations, faults });
  box.simulation = simulation;
  const { machine, connectDocker } = bareMachine();
  const registry = createRegistryWorld();
  const seen: string[] = [];
  const processes = (_image: string, context: ContainerProcessContext): ContainerProcess => ({
    start: () => seen.push('start'),
    signal: (name) => {
      seen.push(name);
      onSignal(context);
    },
    kill: () => seen.push('kill'),
    exec: () => undefined,
    ports: { statusPage: undefined, guest: undefined },
    qemu: undefined,
  });
  const host = createDockerHost(simulation, { processes, registry })(machine);
  connectDocker(host);
  const run = (ms: number): void => {
    simulation.advanceTo(simulation.now + ms);
  };
  const ready = (): void => {
    host.install('/data/docker');
    host.pull('ubuntu:24.04', () => undefined);
    run(MINUTE);
  };
  return { simulation, machine, host, registry, seen, run, ready };
}

const config = (over: object = {}): ContainerConfig =>
  parseCreateBody(Buffer.from(JSON.stringify({ Image: 'ubuntu:24.04', ...over })), () => 0);

function startContainer(
  host: DockerHost,
  run: (ms: number) => void,
  over: object = {},
  name = 'winarena',
): StoredContainer {
  const engine = engineHostOf(host).engine;
  if (!engine) throw new Error('no daemon');
  const container = engine.containers.create(name, config(over));
  const failures: EngineError[] = [];
  engine.runner.start(container, (error) => error && failures.push(error));
  run(10_000);
  if (failures[0]) throw failures[0];
  return container;
}

describe('the emulated daemon', () => {
  it('takes its time to start and refuses to pull before it is installed', () => {
    const { host, run } = setUp();
    const errors: (string | undefined)[] = [];
    host.pull('ubuntu:24.04', (error) => errors.push(error));
    expect(errors[0]).toMatch(/Cannot connect to the Docker daemon/);
    host.install('/data/docker');
    expect(host.daemon).toBe('starting');
    run(10_000);
    expect(host.daemon).toBe('running');
  });

  it('holds a pull that comes while it starts', () => {
    const { host, run } = setUp();
    const ends: (string | undefined)[] = [];
    host.install('/data/docker');
    host.pull('ubuntu:24.04', (error) => ends.push(error));
    run(MINUTE);
    expect(ends).toEqual([undefined]);
    expect(host.images.map((image) => image.reference)).toContain('ubuntu:24.04');
  });

  it('takes minutes for the benchmark image and puts it on the data disk only', () => {
    const { host, machine, run, simulation } = setUp();
    host.install('/data/docker');
    run(10_000);
    let endedAt = 0;
    const began = simulation.now;
    host.pull('windowsarena/waa-auto:2026.11', () => {
      endedAt = simulation.now;
    });
    run(20 * MINUTE);
    expect(endedAt - began).toBeGreaterThan(4 * MINUTE);
    expect(endedAt - began).toBeLessThan(12 * MINUTE);
    expect(machine.spec.osDisk.usedBytes.size).toBe(0);
  });

  it('keeps images and containers over a power loss; what ran is found dead with code 255', () => {
    const { host, run, ready, seen } = setUp();
    ready();
    startContainer(host, run);
    host.onMachineOff('hard');
    expect(seen).toEqual(['start', 'kill']);
    host.onMachineBoot();
    run(10_000);
    expect(host.containers).toMatchObject([{ name: 'winarena', state: 'exited', exitCode: 255, process: undefined }]);
    expect(host.images).not.toEqual([]);
  });

  it('asks containers to end on a graceful shutdown and lets them', () => {
    const { host, run, ready } = setUp((context) => {
      context.exit(0);
    });
    ready();
    startContainer(host, run);
    host.onMachineOff('graceful');
    expect(host.containers).toMatchObject([{ state: 'exited', exitCode: 0 }]);
  });

  it('kills after the stop timeout what does not listen', () => {
    const { host, run, ready, seen } = setUp();
    ready();
    const container = startContainer(host, run, { StopTimeout: 120 });
    const engine = engineHostOf(host).engine;
    engine?.runner.stop(container, undefined, () => seen.push('stopped'));
    run(119_000);
    expect(seen).toEqual(['start', 'SIGTERM']);
    run(2_000);
    expect(seen).toEqual(['start', 'SIGTERM', 'kill', 'stopped']);
    expect(container.exitCode).toBe(137);
  });

  it('flags a container that the kernel killed for memory', () => {
    const { host, run, ready } = setUp();
    ready();
    const container = startContainer(host, run);
    engineHostOf(host).engine?.runner.oomKill(container);
    expect(container).toMatchObject({ state: 'exited', exitCode: 137, oomKilled: true });
  });

  it('forgets nothing and starts nothing when killed while a container starts', () => {
    const { host, run, ready, seen } = setUp();
    ready();
    const engine = engineHostOf(host).engine;
    const container = engine?.containers.create('winarena', config());
    if (container) engine?.runner.start(container, () => seen.push('answered'));
    host.onMachineOff('hard');
    run(MINUTE);
    expect(seen).toEqual([]);
    expect(host.containers).toMatchObject([{ state: 'created' }]);
  });

  it('strikes docker-daemon-stopped after the image is there', () => {
    const { host, simulation, run, ready } = setUp();
    simulation.faults.arm({ id: 'docker-daemon-stopped' });
    ready();
    run(MINUTE);
    expect(host.daemon).toBe('stopped');
    expect(simulation.faults.history).toHaveLength(1);
    host.startDaemon();
    run(10_000);
    expect(host.daemon).toBe('running');
  });

  it('moves to another data-root with an empty store', () => {
    const { host, run, ready } = setUp();
    ready();
    host.install('/var/lib/docker');
    run(10_000);
    expect(host.daemon).toBe('running');
    expect(host.images).toEqual([]);
    host.install('/data/docker');
    run(10_000);
    expect(host.images).not.toEqual([]);
  });

  it('copes with a cloned disk: the clone has a life of its own', () => {
    const { host, machine, run, ready, simulation, registry } = setUp();
    ready();
    startContainer(host, run);
    const clone = bareMachine();
    for (const [path, disk] of machine.mounts) {
      const target = clone.machine.mounts.get(path);
      for (const [key, value] of disk.data) target?.data.set(key, structuredClone(value));
    }
    const second = createDockerHost(simulation, { processes: () => undefined, registry })(clone.machine);
    second.onMachineBoot();
    run(10_000);
    second.prune();
    expect(second.containers).toEqual([]);
    expect(host.containers).toHaveLength(1);
  });
});

describe('what the daemon refuses', () => {
  const refusal = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      if (error instanceof EngineError) return error.message;
      throw error;
    }
    throw new Error('nothing was refused');
  };

  it('a port that is taken: the container stays created with code 128', () => {
    const { host, run, ready } = setUp();
    ready();
    const ports = { HostConfig: { PortBindings: { '5000/tcp': [{ HostIp: '127.0.0.1', HostPort: '5000' }] } } };
    startContainer(host, run, ports);
    expect(refusal(() => startContainer(host, run, ports, 'second'))).toMatch(
      /Bind for 127\.0\.0\.1:5000 failed: port is already allocated$/,
    );
    const second = engineHostOf(host).engine?.containers.find('second');
    expect(second).toMatchObject({ state: 'created', exitCode: 128 });
  });

  it('the same port on another address is free', () => {
    const { host, run, ready } = setUp();
    ready();
    const on = (HostIp: string) => ({ HostConfig: { PortBindings: { '5000/tcp': [{ HostIp, HostPort: '5000' }] } } });
    startContainer(host, run, on('127.0.0.1'));
    expect(startContainer(host, run, on('127.0.0.2'), 'second').state).toBe('running');
    expect(refusal(() => startContainer(host, run, on(''), 'third'))).toMatch(/Bind for 0\.0\.0\.0:5000 failed/);
  });

  it('a device that does not exist', () => {
    const { host, run, ready, machine } = setUp();
    ready();
    machine.removeTree('/dev/kvm');
    const device = { HostConfig: { Devices: [{ PathOnHost: '/dev/kvm' }] } };
    expect(refusal(() => startContainer(host, run, device))).toBe(
      'error gathering device information while adding custom device "/dev/kvm": no such file or directory',
    );
  });

  it('a --mount whose source is missing, while -v makes it', () => {
    const { host, run, ready } = setUp();
    ready();
    const mount = { HostConfig: { Mounts: [{ Type: 'bind', Source: '/mnt/setup.iso', Target: '/custom.iso' }] } };
    expect(refusal(() => startContainer(host, run, mount))).toBe(
      'invalid mount config for type "bind": bind source path does not exist: /mnt/setup.iso',
    );
    expect(startContainer(host, run, { HostConfig: { Binds: ['/mnt/setup.iso:/custom.iso'] } }, 'second').state).toBe(
      'running',
    );
  });

  it.each([
    [{ Env: 'A=B' }, /^json: cannot unmarshal string into Go struct field Env/],
    [{ HostConfig: { Binds: {} } }, /^json: cannot unmarshal object into Go struct field HostConfig\.Binds/],
    [{ HostConfig: { RestartPolicy: { Name: 'forever' } } }, /^invalid restart policy: unknown policy 'forever'/],
    [{ HostConfig: { AutoRemove: true, RestartPolicy: { Name: 'always' } } }, /^can't create 'AutoRemove' container/],
    [{ HostConfig: { Memory: 4096 } }, /^Minimum memory limit allowed is 6MB/],
    [{ HostConfig: { Binds: ['/a:storage'] } }, /mount path must be absolute/],
    [{ HostConfig: { PortBindings: { http: [{}] } } }, /^invalid port specification: "http"/],
  ])('%j', (body, words) => {
    expect(refusal(() => config(body))).toMatch(words);
  });

  it('ignores fields it does not know', () => {
    expect(config({ Whatever: 1, HostConfig: { Shiny: true } }).image).toBe('ubuntu:24.04');
  });
});
