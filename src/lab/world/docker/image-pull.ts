import { familiarName, parseImageReference, type ImageReference } from '../../../config/image-reference.js';
import { freeBytes } from '../contracts.js';
import { shortId } from './digest.js';
import { layerKey, temporaryKey, type EngineCore } from './engine-core.js';
import { EngineError } from './engine-error.js';
import type { ImageStore } from './image-store.js';
import { RATE_LIMIT_MESSAGE, type RegistryImage, type RegistryLayer, type RegistryWorld } from './registry-world.js';

/** One line of a pull's progress, as the daemon sends it. */
export interface PullUpdate {
  readonly status: string;
  /** Short layer id, or the tag in the first line. */
  readonly id?: string;
  readonly current?: number;
  readonly total?: number;
  /** The end of a push. */
  readonly digest?: string;
}

export interface PullWatcher {
  update(update: PullUpdate): void;
  /** Called once; with the daemon's error when the pull failed. */
  done(error?: EngineError): void;
}

/** Pulls an image; two pulls of the same image share one transfer. Returns the way to stop watching. */
export type Pull = (reference: string, watcher: PullWatcher, password?: string) => () => void;

interface Transfer {
  readonly watchers: Set<PullWatcher>;
  readonly seen: PullUpdate[];
  aborted: boolean;
}

/** A step of a pull: what it takes in time and disk, and what it says. */
interface Step {
  readonly ms: number;
  readonly says: readonly PullUpdate[];
  readonly allocate?: { readonly key: string; readonly bytes: number; readonly noSpace: string };
  readonly release?: string;
}

/** `docker.image.pull` of the durations table is the time of an image of this compressed size (waa-auto). */
const REFERENCE_BYTES = 4.5 * 1024 ** 3;
const STEPS_PER_LAYER = 12;
/** Share of a layer's time that is download; the rest is extraction. */
const DOWNLOAD_SHARE = 0.7;
const LEFT_WHEN_FULL = 200 * 1024 ** 2;

/** The daemon's pulls: manifest first, then layer by layer, on the disk of the data-root. */
export function createPull(core: EngineCore, images: ImageStore, registry: RegistryWorld): Pull {
  const { simulation, machine, disk, state } = core;
  const transfers = new Map<string, Transfer>();
  core.onEnd.add(() => {
    for (const transfer of transfers.values()) {
      transfer.aborted = true;
      for (const watcher of [...transfer.watchers]) watcher.done(new EngineError(500, 'context canceled'));
    }
    transfers.clear();
  });

  return (reference, watcher, password) => {
    const parsed = parseImageReference(reference);
    if ('invalid' in parsed) {
      watcher.done(new EngineError(400, parsed.invalid));
      return () => undefined;
    }
    let stop: () => void = () => undefined;
    const cancelLookUp = simulation.after(simulation.draw('network.round-trip') * 4, () => {
      if (!core.alive) return;
      const found = lookUp(reference, parsed, password);
      if (found instanceof EngineError) watcher.done(found);
      else stop = join(found, parsed, watcher);
    });
    return () => {
      cancelLookUp();
      stop();
    };
  };

  function lookUp(
    reference: string,
    { host }: ImageReference,
    password: string | undefined,
  ): RegistryImage | EngineError {
    const found = registry.resolve(reference, registry.admits(host, password, simulation.now));
    if ('code' in found) return new EngineError(found.code === 'NAME_INVALID' ? 400 : 404, found.daemonMessage);
    const limited = host === 'docker.io' && simulation.faults.strikes('docker-pull-rate-limited', machine.spec.name);
    if (limited || !registry.spendPull(host, machine.spec.name, simulation.now)) {
      return new EngineError(500, `toomanyrequests: ${RATE_LIMIT_MESSAGE}`);
    }
    return found;
  }

  function join(image: RegistryImage, reference: ImageReference, watcher: PullWatcher): () => void {
    const from = { status: `Pulling from ${reference.repository}`, id: reference.tag ?? reference.digest ?? 'latest' };
    watcher.update(from);
    const closing = (news: string): void => {
      images.add(image, reference);
      const name = familiarName(reference);
      const shown =
        reference.digest === undefined ? `${name}:${reference.tag ?? 'latest'}` : `${name}@${reference.digest}`;
      watcher.update({ status: `Digest: ${image.digest}` });
      watcher.update({ status: `Status: ${news} for ${shown}` });
      watcher.done();
    };
    if (state.images.has(image.imageId)) {
      closing('Image is up to date');
      return () => undefined;
    }
    const own: PullWatcher = {
      update: (update) => {
        watcher.update(update);
      },
      done: (error) => {
        if (error) watcher.done(error);
        else closing('Downloaded newer image');
      },
    };
    const transfer = transfers.get(image.imageId) ?? begin(image);
    for (const update of transfer.seen) own.update(update);
    transfer.watchers.add(own);
    return () => {
      transfer.watchers.delete(own);
      if (transfer.watchers.size === 0 && transfers.get(image.imageId) === transfer) abort(image, transfer);
    };
  }

  function begin(image: RegistryImage): Transfer {
    const transfer: Transfer = { watchers: new Set(), seen: [], aborted: false };
    transfers.set(image.imageId, transfer);
    const missing = image.layers.filter((layer) => !images.usesLayer(layer.digest));
    for (const layer of image.layers) {
      say(transfer, {
        id: shortId(layer.digest),
        status: missing.includes(layer) ? 'Pulling fs layer' : 'Already exists',
      });
    }
    const bytes = missing.reduce((sum, layer) => sum + layer.sizeBytes, 0);
    const totalMs = simulation.draw('docker.image.pull') * Math.max(0.01, bytes / REFERENCE_BYTES);
    const fills = simulation.faults.strikes('docker-disk-full', machine.spec.name);
    const steps = missing.flatMap((layer) => layerSteps(layer, (totalMs * layer.sizeBytes) / bytes, core.dataRoot));
    run(image, transfer, steps, fills ? Math.floor(steps.length / 2) : -1);
    return transfer;
  }

  function run(image: RegistryImage, transfer: Transfer, steps: readonly Step[], fillAt: number, index = 0): void {
    const step = steps[index];
    if (!step) {
      transfers.delete(image.imageId);
      for (const watcher of [...transfer.watchers]) watcher.done();
      return;
    }
    simulation.after(step.ms, () => {
      if (transfer.aborted || !core.alive) return;
      if (index === fillAt) fillDisk();
      if (step.release !== undefined) disk.usedBytes.delete(step.release);
      if (step.allocate && freeBytes(disk) < step.allocate.bytes) {
        abort(image, transfer, new EngineError(500, step.allocate.noSpace));
        return;
      }
      if (step.allocate) add(step.allocate.key, step.allocate.bytes);
      for (const update of step.says) say(transfer, update);
      run(image, transfer, steps, fillAt, index + 1);
    });
  }

  function say(transfer: Transfer, update: PullUpdate): void {
    transfer.seen.push(update);
    for (const watcher of transfer.watchers) watcher.update(update);
  }
  function add(key: string, bytes: number): void {
    disk.usedBytes.set(key, (disk.usedBytes.get(key) ?? 0) + bytes);
  }
  /** A pull that ends early keeps nothing: dockerd releases the layers no image refers to (moby, xfer). */
  function abort(image: RegistryImage, transfer: Transfer, error?: EngineError): void {
    transfer.aborted = true;
    transfers.delete(image.imageId);
    for (const layer of image.layers) {
      disk.usedBytes.delete(temporaryKey(layer.digest));
      if (!images.usesLayer(layer.digest)) disk.usedBytes.delete(layerKey(layer.digest));
    }
    if (error) for (const watcher of [...transfer.watchers]) watcher.done(error);
  }
  function fillDisk(): void {
    add('clutter', Math.max(0, freeBytes(disk) - LEFT_WHEN_FULL));
  }
}

function layerSteps(layer: RegistryLayer, ms: number, dataRoot: string): Step[] {
  const id = shortId(layer.digest);
  const steps: Step[] = [];
  const portions = (whole: number, index: number): number =>
    Math.round((whole * (index + 1)) / STEPS_PER_LAYER) - Math.round((whole * index) / STEPS_PER_LAYER);
  const reached = (whole: number, index: number): number => Math.round((whole * (index + 1)) / STEPS_PER_LAYER);
  for (let index = 0; index < STEPS_PER_LAYER; index += 1) {
    steps.push({
      ms: (ms * DOWNLOAD_SHARE) / STEPS_PER_LAYER,
      says: [{ id, status: 'Downloading', current: reached(layer.sizeBytes, index), total: layer.sizeBytes }],
      allocate: {
        key: temporaryKey(layer.digest),
        bytes: portions(layer.sizeBytes, index),
        noSpace: `write ${dataRoot}/tmp/GetImageBlob${parseInt(id.slice(0, 7), 16)}: no space left on device`,
      },
    });
  }
  steps.push({
    ms: 0,
    says: [
      { id, status: 'Verifying Checksum' },
      { id, status: 'Download complete' },
    ],
  });
  for (let index = 0; index < STEPS_PER_LAYER; index += 1) {
    steps.push({
      ms: (ms * (1 - DOWNLOAD_SHARE)) / STEPS_PER_LAYER,
      says: [{ id, status: 'Extracting', current: reached(layer.sizeBytes, index), total: layer.sizeBytes }],
      allocate: {
        key: layerKey(layer.digest),
        bytes: portions(layer.extractedBytes, index),
        noSpace: 'failed to register layer: write /usr/lib/x86_64-linux-gnu/libLLVM.so.19.1: no space left on device',
      },
    });
  }
  steps.push({ ms: 0, says: [{ id, status: 'Pull complete' }], release: temporaryKey(layer.digest) });
  return steps;
}
