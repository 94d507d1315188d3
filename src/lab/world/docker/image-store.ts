import { familiarName, parseImageReference, type ImageReference } from '../../../config/image-reference.js';
import { layerKey, type EngineCore } from './engine-core.js';
import { EngineError, noSuchImage } from './engine-error.js';
import type { StoredImage } from './engine-state.js';
import type { RegistryImage } from './registry-world.js';

export interface ImageStore {
  /** By name, name@digest, id or a prefix of the id; 404 in dockerd's words otherwise. */
  find(nameOrId: string): StoredImage;
  /** Names and digests of an image in the form Docker shows them. */
  namesOf(id: string): { readonly tags: readonly string[]; readonly digests: readonly string[] };
  /** Registers an image whose layers are on the disk, under the reference that was pulled. */
  add(image: RegistryImage, reference: ImageReference): void;
  /** Registers an image that was built here; another of that name loses it. */
  put(image: StoredImage, reference: string): void;
  tag(nameOrId: string, repository: string, tag: string): void;
  remove(nameOrId: string, force: boolean): readonly { readonly Untagged?: string; readonly Deleted?: string }[];
  /** `dangling`: images without a tag; a reference by digest alone does not protect (moby, ImagesPrune). */
  prune(dangling: boolean): { readonly deleted: readonly string[]; readonly freedBytes: number };
  usesLayer(digest: string): boolean;
}

const fullName = ({ host, repository }: ImageReference): string => `${host}/${repository}`;

/** The daemon's images: what lies on its disk and under which names. */
export function createImageStore(core: EngineCore): ImageStore {
  const { state, disk } = core;
  const referencesOf = (id: string): string[] =>
    [...state.references].filter(([, target]) => target === id).map(([name]) => name);
  const inUse = (id: string): string | undefined =>
    [...state.containers.values()].find((one) => one.imageId === id)?.id;

  const store: ImageStore = {
    find(nameOrId) {
      const parsed = parseImageReference(nameOrId);
      if (!('invalid' in parsed)) {
        const name = fullName(parsed);
        const key = parsed.digest === undefined ? `${name}:${parsed.tag ?? 'latest'}` : `${name}@${parsed.digest}`;
        const named = state.images.get(state.references.get(key) ?? '');
        if (named) return named;
      }
      const hex = nameOrId.replace(/^sha256:/, '');
      const byId = /^[0-9a-f]{4,64}$/.test(hex)
        ? [...state.images.values()].filter((image) => image.id.startsWith(`sha256:${hex}`))
        : [];
      if (byId.length === 1 && byId[0]) return byId[0];
      if ('invalid' in parsed) throw new EngineError(400, parsed.invalid);
      const shown = parsed.tag === 'latest' && !nameOrId.includes(':') ? `${nameOrId}:latest` : nameOrId;
      throw noSuchImage(shown);
    },
    namesOf(id) {
      const shown = referencesOf(id).map((key) => key.replace(/^docker\.io\/(library\/)?/, ''));
      return { tags: shown.filter((key) => !key.includes('@')), digests: shown.filter((key) => key.includes('@')) };
    },
    add(image, reference) {
      const sizeBytes = image.layers.reduce((sum, layer) => sum + layer.extractedBytes, 0);
      const { imageId, createdAt, configuration } = image;
      const layers = image.layers.map((layer) => layer.digest);
      state.images.set(imageId, { id: imageId, createdAt, sizeBytes, layers, configuration });
      state.references.set(`${fullName(reference)}@${image.digest}`, imageId);
      if (reference.digest === undefined) state.references.set(`${fullName(reference)}:${image.tag}`, imageId);
      const attributes = { name: familiarName(reference) };
      core.emit({ type: 'image', action: 'pull', actorId: `${familiarName(reference)}:${image.tag}`, attributes });
    },
    put(image, reference) {
      const parsed = parseImageReference(reference);
      if ('invalid' in parsed) throw new EngineError(400, parsed.invalid);
      state.images.set(image.id, image);
      state.references.set(`${fullName(parsed)}:${parsed.tag ?? 'latest'}`, image.id);
    },
    tag(nameOrId, repository, tag) {
      const image = store.find(nameOrId);
      const parsed = parseImageReference(`${repository}:${tag || 'latest'}`);
      if ('invalid' in parsed) throw new EngineError(400, parsed.invalid);
      state.references.set(`${fullName(parsed)}:${parsed.tag ?? 'latest'}`, image.id);
    },
    remove(nameOrId, force) {
      const image = store.find(nameOrId);
      const user = inUse(image.id);
      if (user !== undefined && !force) {
        const short = image.id.slice(7, 19);
        throw new EngineError(
          409,
          `conflict: unable to remove repository reference "${nameOrId}" (must force) - container ` +
            `${user.slice(0, 12)} is using its referenced image ${short}`,
        );
      }
      const { tags, digests } = store.namesOf(image.id);
      deleteImage(image.id);
      return [...[...tags, ...digests].map((Untagged) => ({ Untagged })), { Deleted: image.id }];
    },
    prune(dangling) {
      const before = usedByLayers();
      const deleted: string[] = [];
      for (const image of [...state.images.values()]) {
        if (inUse(image.id) !== undefined) continue;
        if (dangling && store.namesOf(image.id).tags.length > 0) continue;
        deleteImage(image.id);
        deleted.push(image.id);
      }
      return { deleted, freedBytes: before - usedByLayers() };
    },
    usesLayer: (digest) => [...state.images.values()].some((image) => image.layers.includes(digest)),
  };

  function deleteImage(id: string): void {
    const layers = state.images.get(id)?.layers ?? [];
    state.images.delete(id);
    for (const name of referencesOf(id)) state.references.delete(name);
    for (const digest of layers) if (!store.usesLayer(digest)) disk.usedBytes.delete(layerKey(digest));
    core.emit({ type: 'image', action: 'delete', actorId: id, attributes: {} });
  }
  function usedByLayers(): number {
    let bytes = 0;
    for (const [key, value] of disk.usedBytes) if (key.startsWith('layer:')) bytes += value;
    return bytes;
  }
  return store;
}
