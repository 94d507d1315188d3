import type { ContainerProcess, ContainerProcessContext, ContainerProcessFactory } from '../contracts.js';
import type { ContainerLogs } from './container-log.js';
import type { ContainerStore } from './container-store.js';
import type { EngineCore } from './engine-core.js';
import { EngineError, notRunning } from './engine-error.js';
import type { Bind, PublishedPort, StoredContainer } from './engine-state.js';
import { createPlainProcess } from './plain-process.js';

type Done = (error?: EngineError) => void;

export interface ContainerRunner {
  processOf(id: string): ContainerProcess | undefined;
  /** Calls back when running, or with dockerd's reason. A running container is 304. */
  start(container: StoredContainer, done: Done): void;
  /** SIGTERM, SIGKILL after the timeout; calls back when it has ended. A container that does not run is 304. */
  stop(container: StoredContainer, timeoutS: number | undefined, done: Done): void;
  /** Throws 409 when it does not run. */
  kill(container: StoredContainer, signal: string): void;
  /** The kernel kills it for lack of memory. */
  oomKill(container: StoredContainer): void;
  remove(container: StoredContainer, force: boolean): void;
  /** Calls back at the next end of a container. */
  onceEnded(id: string, listener: () => void): () => void;
  /** Power loss: processes are gone, nothing is recorded. */
  loseAll(): void;
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { HUP: 1, INT: 2, QUIT: 3, KILL: 9, TERM: 15 };

/** `SIGTERM`, `TERM`, `15` to `TERM`; undefined for no signal we know. */
function signalName(given: string): string | undefined {
  const name = given.toUpperCase().replace(/^SIG/, '');
  if (name in SIGNAL_NUMBERS) return name;
  return Object.keys(SIGNAL_NUMBERS).find((key) => String(SIGNAL_NUMBERS[key]) === name);
}

/** Starts and ends containers: devices, ports, binds, the process, its signals and its exit code. */
export function createContainerRunner(
  core: EngineCore,
  store: ContainerStore,
  logs: ContainerLogs,
  processes: ContainerProcessFactory,
): ContainerRunner {
  const { simulation, machine } = core;
  const running = new Map<string, ContainerProcess>();
  const starting = new Map<string, Done[]>();
  const endings = new Map<string, Set<() => void>>();
  /** After a power loss nothing happens any more, whatever was scheduled. */
  let lost = false;

  const runner: ContainerRunner = {
    processOf: (id) => running.get(id),
    start(container, done) {
      const queue = starting.get(container.id);
      if (container.state === 'running' || queue) {
        if (queue) queue.push(done);
        else done(new EngineError(304, ''));
        return;
      }
      const waiting = [done];
      starting.set(container.id, waiting);
      simulation.after(simulation.draw('docker.container.start'), () => {
        if (!core.alive) return;
        starting.delete(container.id);
        let failure: EngineError | undefined;
        try {
          launch(container);
        } catch (error) {
          if (!(error instanceof EngineError)) throw error;
          failure = error;
          container.exitCode = 128;
          container.error = error.message;
        }
        for (const waiter of waiting) waiter(failure);
      });
    },
    stop(container, timeoutS, done) {
      whenStarted(container, () => {
        if (container.state !== 'running') {
          done(new EngineError(304, ''));
          return;
        }
        runner.onceEnded(container.id, done);
        const startedAt = container.startedAt;
        const limitS = timeoutS ?? container.config.stopTimeoutS;
        deliver(container, signalName(container.config.stopSignal) ?? 'TERM');
        if (limitS < 0) return;
        simulation.after(limitS * 1000, () => {
          if (container.state === 'running' && container.startedAt === startedAt) deliver(container, 'KILL');
        });
      });
    },
    kill(container, signal) {
      const name = signalName(signal);
      if (name === undefined) throw new EngineError(400, `Invalid signal: ${signal}`);
      if (container.state !== 'running') {
        throw new EngineError(409, `Cannot kill container: ${container.name}: ${notRunning(container.id).message}`);
      }
      deliver(container, name);
      emit(container, 'kill', { signal: String(SIGNAL_NUMBERS[name]) });
    },
    oomKill(container) {
      container.oomKilled = true;
      emit(container, 'oom');
      deliver(container, 'KILL');
    },
    remove(container, force) {
      if (container.state === 'running') {
        if (!force) {
          throw new EngineError(
            409,
            `cannot remove container "/${container.name}": container is running: ` +
              'stop the container before removing or force remove',
          );
        }
        deliver(container, 'KILL');
      }
      if (core.state.containers.has(container.id)) store.delete(container);
    },
    onceEnded(id, listener) {
      const listeners = endings.get(id) ?? new Set();
      endings.set(id, listeners);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    loseAll() {
      lost = true;
      for (const process of running.values()) process.kill();
      running.clear();
    },
  };
  return runner;

  function whenStarted(container: StoredContainer, action: () => void): void {
    const queue = starting.get(container.id);
    if (queue) queue.push(action);
    else action();
  }

  function launch(container: StoredContainer): void {
    const { config } = container;
    if (!store.list().includes(container)) throw new EngineError(404, `No such container: ${container.id}`);
    for (const device of config.devices) {
      if (machine.readFile(device.host)) continue;
      const reason = `error gathering device information while adding custom device "${device.host}"`;
      throw new EngineError(500, `${reason}: no such file or directory`);
    }
    claimPorts(container);
    const argv = [...config.entrypoint, ...config.command];
    const context = contextOf(container);
    const process = processes(config.image, context) ?? createPlainProcess(simulation, argv, context);
    if (!process) {
      const program = argv[0] ?? '';
      const words = program.startsWith('/')
        ? `exec: "${program}": stat ${program}: no such file or directory`
        : `exec: "${program}": executable file not found in $PATH`;
      throw new EngineError(
        400,
        'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create ' +
          `failed: unable to start container process: error during container init: ${words}: unknown`,
      );
    }
    running.set(container.id, process);
    Object.assign(container, { state: 'running', exitCode: 0, error: '', oomKilled: false, finishedAt: undefined });
    container.startedAt = simulation.now;
    container.pid = 1000 + Math.floor(simulation.random() * 30_000);
    emit(container, 'start');
    process.start();
  }

  function claimPorts(container: StoredContainer): void {
    const taken = store
      .list()
      .filter((other) => other.state === 'running')
      .flatMap((other) => other.config.ports);
    for (const port of container.config.ports) {
      if (!taken.some((other) => collide(port, other))) continue;
      const endpoint = `${container.name} (${simulation.randomHex(64)})`;
      throw new EngineError(
        500,
        `driver failed programming external connectivity on endpoint ${endpoint}: ` +
          `Bind for ${port.hostIp || '0.0.0.0'}:${port.hostPort} failed: port is already allocated`,
      );
    }
  }

  function contextOf(container: StoredContainer): ContainerProcessContext {
    const { config } = container;
    const startedAt = simulation.now;
    const isCurrent = (): boolean => !lost && container.state === 'running' && container.startedAt === startedAt;
    return {
      machine,
      containerId: container.id,
      env: Object.fromEntries(config.env.map((entry) => splitOnce(entry))),
      devices: config.devices.map((device) => device.container),
      capabilities: config.capAdd.map((capability) => capability.replace(/^CAP_/, '')),
      hostPath: (path) => hostPath(config.binds, path),
      log(text, stream = 'stdout') {
        logs.append(container, simulation.now, text, stream);
      },
      exit(code) {
        if (isCurrent()) ended(container, code);
      },
    };
  }

  function deliver(container: StoredContainer, name: string): void {
    if (lost) return;
    const process = running.get(container.id);
    if (name === 'KILL' || name === 'QUIT') {
      process?.kill();
      if (container.state === 'running') ended(container, 128 + (SIGNAL_NUMBERS[name] ?? 9));
    } else {
      process?.signal(`SIG${name}` as 'SIGTERM' | 'SIGINT' | 'SIGHUP');
    }
  }

  function ended(container: StoredContainer, exitCode: number): void {
    running.delete(container.id);
    container.state = 'exited';
    container.exitCode = exitCode;
    container.finishedAt = simulation.now;
    container.pid = 0;
    emit(container, 'die', { exitCode: String(exitCode) });
    const waiting = [...(endings.get(container.id) ?? [])];
    endings.delete(container.id);
    if (container.config.autoRemove) store.delete(container);
    for (const listener of waiting) listener();
  }

  function emit(container: StoredContainer, action: string, more: Readonly<Record<string, string>> = {}): void {
    const attributes = { ...more, image: container.config.image, name: container.name, ...container.config.labels };
    core.emit({ type: 'container', action, actorId: container.id, attributes });
  }
}

const collide = (a: PublishedPort, b: PublishedPort): boolean =>
  a.hostPort === b.hostPort && (a.hostIp === b.hostIp || anywhere(a.hostIp) || anywhere(b.hostIp));
const anywhere = (ip: string): boolean => ip === '' || ip === '0.0.0.0' || ip === '::';

function splitOnce(entry: string): [string, string] {
  const at = entry.indexOf('=');
  return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
}

/** Host path behind a container path: the bind with the longest matching target. */
function hostPath(binds: readonly Bind[], path: string): string | undefined {
  let best: Bind | undefined;
  for (const bind of binds) {
    const matches = path === bind.target || path.startsWith(`${bind.target}/`);
    if (matches && bind.target.length > (best?.target.length ?? -1)) best = bind;
  }
  return best && `${best.source}${path.slice(best.target.length)}`;
}
