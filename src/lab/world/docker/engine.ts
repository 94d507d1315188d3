import type { ContainerProcessFactory, Machine } from '../contracts.js';
import type { Simulation } from '../simulation.js';
import { createContainerLogs, type ContainerLogs } from './container-log.js';
import { createContainerRunner, type ContainerRunner } from './container-runner.js';
import { createContainerStore, type ContainerStore } from './container-store.js';
import { openEngineCore, type EngineCore } from './engine-core.js';
import { createImageStore, type ImageStore } from './image-store.js';
import { createBuild, type Build } from './image-build.js';
import { createPull, type Pull } from './image-pull.js';
import { createPush, type Push } from './image-push.js';
import type { RegistryWorld } from './registry-world.js';

/** One `docker exec`. */
export interface Exec {
  readonly id: string;
  readonly containerId: string;
  readonly argv: readonly string[];
  readonly tty: boolean;
  readonly attachStdin: boolean;
  readonly attachStdout: boolean;
  readonly attachStderr: boolean;
  started: boolean;
  exitCode: number | undefined;
}

/** A running daemon: what its HTTP face (wire/docker) serves. A new one at each start of the daemon. */
export interface Engine {
  readonly core: EngineCore;
  readonly images: ImageStore;
  readonly containers: ContainerStore;
  readonly runner: ContainerRunner;
  readonly logs: ContainerLogs;
  readonly pull: Pull;
  readonly push: Push;
  readonly build: Build;
  /** Exec instances; forgotten with the daemon. */
  readonly execs: Map<string, Exec>;
  /** Bytes of build cache; the lab counts clutter on the data-root's disk as such. */
  buildCacheBytes(): number;
  pruneBuildCache(): number;
}

export interface EngineDependencies {
  readonly processes: ContainerProcessFactory;
  readonly registry: RegistryWorld;
}

/** Starts a daemon over what lies on the disk. Containers recorded as running are found dead: exit code 255. */
export function createEngine(
  simulation: Simulation,
  machine: Machine,
  dataRoot: string,
  { processes, registry }: EngineDependencies,
): Engine {
  const core = openEngineCore(simulation, machine, dataRoot);
  const images = createImageStore(core);
  const containers = createContainerStore(core, images);
  const logs = createContainerLogs();
  const pull = createPull(core, images, registry);
  for (const container of containers.list()) {
    if (container.state !== 'running') continue;
    container.state = 'exited';
    container.exitCode = 255;
    container.finishedAt = simulation.now;
    container.pid = 0;
  }
  return {
    core,
    images,
    containers,
    logs,
    execs: new Map(),
    runner: createContainerRunner(core, containers, logs, processes),
    pull,
    push: createPush(core, images, registry),
    build: createBuild(core, images, pull),
    buildCacheBytes: () => core.disk.usedBytes.get('clutter') ?? 0,
    pruneBuildCache() {
      const freed = core.disk.usedBytes.get('clutter') ?? 0;
      core.disk.usedBytes.delete('clutter');
      return freed;
    },
  };
}
