import type { Engine } from '../../world/docker/engine.js';
import type { StoredImage } from '../../world/docker/engine-state.js';

const epochS = (iso: string): number => Math.floor(Date.parse(iso) / 1000);

/** One element of GET /images/json. */
export function imageListShape(engine: Engine, image: StoredImage): unknown {
  const { tags, digests } = engine.images.namesOf(image.id);
  return {
    Id: image.id,
    ParentId: '',
    RepoTags: tags,
    RepoDigests: digests,
    Created: epochS(image.createdAt),
    Size: image.sizeBytes,
    SharedSize: -1,
    Labels: image.configuration.labels,
    Containers: -1,
  };
}

/** GET /images/{name}/json. */
export function imageInspectShape(engine: Engine, image: StoredImage): unknown {
  const { tags, digests } = engine.images.namesOf(image.id);
  const { env, entrypoint, command, exposedPorts, volumes, labels, workingDir } = image.configuration;
  const emptyObjects = (names: readonly string[]): unknown => Object.fromEntries(names.map((name) => [name, {}]));
  return {
    Id: image.id,
    RepoTags: tags,
    RepoDigests: digests,
    Parent: '',
    Comment: '',
    Created: image.createdAt,
    DockerVersion: '',
    Author: '',
    Config: {
      Env: env,
      Entrypoint: entrypoint.length > 0 ? entrypoint : null,
      Cmd: command.length > 0 ? command : null,
      ExposedPorts: emptyObjects(exposedPorts),
      Volumes: emptyObjects(volumes),
      Labels: labels,
      WorkingDir: workingDir,
    },
    Architecture: 'amd64',
    Os: 'linux',
    Size: image.sizeBytes,
    GraphDriver: { Name: 'overlay2', Data: null },
    RootFS: { Type: 'layers', Layers: image.layers },
    Metadata: { LastTagTime: image.createdAt },
  };
}
