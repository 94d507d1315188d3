import type { EngineCore } from './engine-core.js';
import { EngineError, noSuchContainer } from './engine-error.js';
import type { Bind, ContainerConfig, StoredContainer } from './engine-state.js';
import type { ImageStore } from './image-store.js';

export interface ContainerStore {
  /** By full id, name (with or without `/`) or an unambiguous prefix of the id. */
  find(nameOrId: string): StoredContainer;
  /** Creates from a configuration whose image defaults are merged in; 404, 409 and 400 as dockerd. */
  create(name: string | undefined, config: ContainerConfig): StoredContainer;
  delete(container: StoredContainer): void;
  list(): readonly StoredContainer[];
}

/** dockerd's rule for names (moby, names.RestrictedNameChars). */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** The containers a daemon knows, running or not. */
export function createContainerStore(core: EngineCore, images: ImageStore): ContainerStore {
  const { state, simulation } = core;
  const all = (): StoredContainer[] => [...state.containers.values()];
  const byName = (name: string): StoredContainer | undefined => all().find((one) => one.name === name);

  return {
    list: all,
    find(nameOrId) {
      const name = nameOrId.replace(/^\//, '');
      const exact = state.containers.get(name) ?? byName(name);
      if (exact) return exact;
      const byPrefix = name === '' ? [] : all().filter((one) => one.id.startsWith(name));
      if (byPrefix.length > 1) throw new EngineError(400, `multiple IDs found with provided prefix: ${name}`);
      if (!byPrefix[0]) throw noSuchContainer(nameOrId);
      return byPrefix[0];
    },
    create(name, config) {
      const image = images.find(config.image);
      const id = simulation.randomHex(64);
      const given = name?.replace(/^\//, '') ?? `waalab_${id.slice(0, 8)}`;
      if (!NAME.test(given)) {
        throw new EngineError(400, `Invalid container name (${given}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
      }
      const holder = byName(given);
      if (holder) {
        throw new EngineError(
          409,
          `Conflict. The container name "/${given}" is already in use by container "${holder.id}". ` +
            'You have to remove (or rename) that container to be able to reuse that name.',
        );
      }
      for (const bind of config.binds) checkBind(bind);
      const defaults = image.configuration;
      const entrypoint = config.entrypoint.length > 0 ? config.entrypoint : defaults.entrypoint;
      const takesImageCommand = config.command.length === 0 && config.entrypoint.length === 0;
      const command = takesImageCommand ? defaults.command : config.command;
      if (entrypoint.length + command.length === 0) throw new EngineError(400, 'no command specified');
      const container: StoredContainer = {
        id,
        name: given,
        createdAt: simulation.now,
        imageId: image.id,
        config: {
          ...config,
          entrypoint,
          command,
          env: mergeEnvironment(defaults.env, config.env),
          labels: { ...defaults.labels, ...config.labels },
          exposedPorts: [...new Set([...defaults.exposedPorts, ...config.exposedPorts])],
          volumes: [...new Set([...defaults.volumes, ...config.volumes])],
          workingDir: config.workingDir || defaults.workingDir,
        },
        ipAddress: `172.17.0.${state.nextAddress}`,
        state: 'created',
        exitCode: 0,
        error: '',
        oomKilled: false,
        pid: 0,
        startedAt: undefined,
        finishedAt: undefined,
        log: [],
      };
      state.nextAddress = state.nextAddress >= 254 ? 2 : state.nextAddress + 1;
      state.containers.set(id, container);
      emit(container, 'create');
      return container;
    },
    delete(container) {
      state.containers.delete(container.id);
      emit(container, 'destroy');
    },
  };

  /** `-v` with a source that does not exist makes a directory of it, on whatever disk that is; `--mount` refuses. */
  function checkBind({ source, createSource }: Bind): void {
    const { machine } = core;
    const isThere =
      machine.readFile(source) !== undefined || machine.listFiles(source).length > 0 || machine.mounts.has(source);
    if (isThere || createSource) return;
    throw new EngineError(400, `invalid mount config for type "bind": bind source path does not exist: ${source}`);
  }
  function emit(container: StoredContainer, action: string): void {
    const attributes = { image: container.config.image, name: container.name, ...container.config.labels };
    core.emit({ type: 'container', action, actorId: container.id, attributes });
  }
}

/** The image's variables, overridden by the container's, in this order. */
function mergeEnvironment(image: readonly string[], own: readonly string[]): readonly string[] {
  const nameOf = (entry: string): string => entry.slice(0, entry.indexOf('=') < 0 ? entry.length : entry.indexOf('='));
  const names = new Set(own.map(nameOf));
  return [...own.filter((entry) => entry.includes('=')), ...image.filter((entry) => !names.has(nameOf(entry)))];
}
