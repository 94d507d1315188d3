import type { DockerHost, DockerHostFactory, Machine, WorldContainer } from '../contracts.js';
import type { Simulation } from '../simulation.js';
import { createEngine, type Engine, type EngineDependencies } from './engine.js';
import { ENGINE_STATE, diskOf } from './engine-core.js';
import type { EngineState, StoredContainer } from './engine-state.js';

/** A DockerHost with the daemon inside, for its HTTP face. */
export interface EngineHost extends DockerHost {
  /** The daemon while it runs. */
  readonly engine: Engine | undefined;
}

/** The daemon's side of a host made by `createDockerHost`; throws for any other. */
export function engineHostOf(host: DockerHost): EngineHost {
  if ('engine' in host) return host as EngineHost;
  throw new Error('this DockerHost was not made by createDockerHost');
}

/** Where the installation is remembered: on the OS disk, as the package is. */
const INSTALLATION = 'docker-installation';
/** systemd gives docker.service 90 s (DefaultTimeoutStopSec) before it kills what is left. */
const STOP_LIMIT_S = 90;
/** How long after a chance the fault `docker-daemon-stopped` strikes. */
const STRIKE_AFTER_MS = 2000;

/**
 * Makes the Docker engines of the world's machines. Images and containers live on the disk below the data-root: they
 * survive a deallocation and go with the disk.
 */
export function createDockerHost(simulation: Simulation, dependencies: EngineDependencies): DockerHostFactory {
  return (machine: Machine): DockerHost => {
    const osData = machine.spec.osDisk.data;
    let engine: Engine | undefined;
    /** The daemon before: its containers may still be shutting down. */
    let previous: Engine | undefined;
    let daemon: DockerHost['daemon'] = 'stopped';
    let generation = 0;
    const whenRunning: (() => void)[] = [];

    const host: EngineHost = {
      get engine() {
        return engine;
      },
      get installed() {
        return osData.has(INSTALLATION);
      },
      get daemon() {
        return daemon;
      },
      install(dataRoot) {
        const moved = osData.get(INSTALLATION) !== dataRoot;
        osData.set(INSTALLATION, dataRoot);
        if (moved) host.stopDaemon();
        host.startDaemon();
      },
      startDaemon() {
        const dataRoot = osData.get(INSTALLATION) as string | undefined;
        if (dataRoot === undefined || daemon !== 'stopped') return;
        daemon = 'starting';
        const started = ++generation;
        simulation.after(simulation.draw('docker.daemon.start'), () => {
          if (started !== generation) return;
          if (previous) killAll(previous);
          previous = undefined;
          engine = createEngine(simulation, machine, dataRoot, dependencies);
          engine.core.listeners.add((event) => {
            const isChance = event.action === 'pull' || event.action === 'start';
            if (isChance && simulation.faults.strikes('docker-daemon-stopped', machine.spec.name)) {
              simulation.after(STRIKE_AFTER_MS, () => {
                host.stopDaemon();
              });
            }
          });
          daemon = 'running';
          for (const action of whenRunning.splice(0)) action();
        });
      },
      stopDaemon() {
        stopContainers();
        end();
      },
      onMachineBoot() {
        host.startDaemon();
      },
      onMachineOff(how) {
        if (how === 'graceful') stopContainers();
        else (engine ?? previous)?.runner.loseAll();
        end();
        if (how === 'hard') previous = undefined;
      },
      get containers() {
        return storedContainers().map(shown);
      },
      get images() {
        const state = storedState();
        if (!state) return [];
        return [...state.references].flatMap(([reference, id]) => {
          const image = state.images.get(id);
          const familiar = reference.replace(/^docker\.io\/(library\/)?/, '');
          return image ? [{ reference: familiar, id, sizeBytes: image.sizeBytes }] : [];
        });
      },
      pull(reference, done) {
        if (daemon === 'starting') {
          // docker.socket holds the connection until the service is up.
          whenRunning.push(() => {
            host.pull(reference, done);
          });
          return;
        }
        if (!engine) {
          done('Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?');
          return;
        }
        engine.pull(reference, {
          update: () => undefined,
          done(error) {
            done(error && `Error response from daemon: ${error.message}`);
          },
        });
      },
      kill(nameOrId) {
        if (engine) engine.runner.kill(engine.containers.find(nameOrId), 'SIGKILL');
      },
      prune() {
        if (!engine) return 0;
        for (const container of engine.containers.list()) {
          if (container.state !== 'running') engine.runner.remove(container, false);
        }
        return engine.images.prune(true).freedBytes + engine.pruneBuildCache();
      },
    };
    return host;

    /** The daemon is gone. Its containers are not: `stopContainers` has asked them to end and outlives it. */
    function end(): void {
      generation += 1;
      daemon = 'stopped';
      const ended = engine;
      engine = undefined;
      if (!ended) return;
      previous = ended;
      ended.core.alive = false;
      for (const listener of [...ended.core.onEnd]) listener();
    }
    /** What dockerd does at its end: SIGTERM to all, SIGKILL when their time is over. */
    function stopContainers(): void {
      for (const container of engine?.containers.list() ?? []) {
        if (container.state === 'running') {
          engine?.runner.stop(container, Math.min(container.config.stopTimeoutS, STOP_LIMIT_S), () => undefined);
        }
      }
    }
    function killAll({ containers, runner }: Engine): void {
      for (const container of containers.list()) if (container.state === 'running') runner.kill(container, 'SIGKILL');
    }
    function storedState(): EngineState | undefined {
      const dataRoot = osData.get(INSTALLATION) as string | undefined;
      if (dataRoot === undefined) return undefined;
      return diskOf(machine, dataRoot).data.get(ENGINE_STATE) as EngineState | undefined;
    }
    function storedContainers(): readonly StoredContainer[] {
      return [...(storedState()?.containers.values() ?? [])];
    }
    function shown(container: StoredContainer): WorldContainer {
      const { id, name, state, exitCode } = container;
      const process = (engine ?? previous)?.runner.processOf(id);
      return { id, name, image: container.config.image, state, exitCode, startedAt: container.startedAt ?? 0, process };
    }
  };
}
