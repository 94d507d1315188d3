import { createHash } from 'node:crypto';
import { familiarName, parseImageReference } from '../../../config/image-reference.js';
import { layerKey, type EngineCore } from './engine-core.js';
import { EngineError } from './engine-error.js';
import type { PullWatcher } from './image-pull.js';
import type { ImageStore } from './image-store.js';
import type { RegistryLayer, RegistryWorld } from './registry-world.js';

/** What `docker push` was told to log in with. */
export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
}

/** Pushes a name; its last update is the digest. Returns the way to stop. */
export type Push = (reference: string, auth: RegistryAuth | undefined, watcher: PullWatcher) => () => void;

/** As for pulls: the time of the durations table is that of an image of this compressed size. */
const REFERENCE_BYTES = 4.5 * 1024 ** 3;
/** Extracted bytes of one compressed byte. */
const RATIO = 2.2;
const STEPS = 8;

/** The daemon's pushes, layer by layer, under a login; what the registry has is not sent again. */
export function createPush(core: EngineCore, images: ImageStore, registry: RegistryWorld): Push {
  const { simulation, disk, state } = core;
  return (reference, auth, watcher) => {
    const parsed = parseImageReference(reference);
    if ('invalid' in parsed) throw new EngineError(400, parsed.invalid);
    const { host, repository, tag = 'latest' } = parsed;
    const name = familiarName(parsed);
    const id = state.references.get(`${host}/${repository}:${tag}`);
    const image = id === undefined ? undefined : images.find(id);
    if (!image) throw new EngineError(404, `An image does not exist locally with the tag: ${name}`);
    const cancels: (() => void)[] = [];
    const later = (ms: number, step: () => void): void => {
      cancels.push(
        simulation.after(ms, () => {
          if (core.alive) step();
        }),
      );
    };
    watcher.update({ status: `The push refers to repository [${name}]` });
    const layers: readonly RegistryLayer[] = image.layers.map((digest) => {
      const extractedBytes = disk.usedBytes.get(layerKey(digest)) ?? 0;
      return { digest, extractedBytes, sizeBytes: Math.round(extractedBytes / RATIO) };
    });
    later(simulation.draw('network.round-trip') * 4, () => {
      if (!registry.admits(host, auth?.password, simulation.now)) {
        const words =
          'unauthorized: authentication required, visit https://aka.ms/acr/authorization for more information.';
        watcher.done(new EngineError(500, words));
        return;
      }
      const missing = layers.filter((layer) => !registry.hasLayer(host, layer.digest));
      const bytes = missing.reduce((sum, layer) => sum + layer.sizeBytes, 0);
      const totalMs = simulation.draw('docker.image.pull') * Math.max(0.01, bytes / REFERENCE_BYTES);
      for (const layer of layers) {
        const status = missing.includes(layer) ? 'Preparing' : 'Layer already exists';
        watcher.update({ id: layer.digest.slice(7, 19), status });
      }
      let at = 0;
      for (const { digest, sizeBytes } of missing) {
        for (let step = 1; step <= STEPS; step += 1) {
          at += (totalMs * sizeBytes) / Math.max(1, bytes) / STEPS;
          const shown = { id: digest.slice(7, 19), current: (sizeBytes * step) / STEPS, total: sizeBytes };
          later(at, () => {
            watcher.update({ ...shown, status: step === STEPS ? 'Pushed' : 'Pushing' });
          });
        }
      }
      later(at + 1, () => {
        const digest = `sha256:${createHash('sha256').update(`manifest ${image.id}`).digest('hex')}`;
        const { id: imageId, createdAt, configuration } = image;
        registry.publish({ host, repository, tag, digest, imageId, createdAt, layers, configuration });
        state.references.set(`${host}/${repository}@${digest}`, imageId);
        watcher.update({ status: `${tag}: digest: ${digest} size: ${1000 + layers.length * 100}`, digest });
        watcher.done();
      });
    });
    return () => {
      for (const cancel of cancels) cancel();
    };
  };
}
