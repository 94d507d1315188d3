import { parseImageReference } from '../../../config/image-reference.js';
import { freeBytes } from '../contracts.js';
import { configured, stepsOf, type BuildStep } from './build-steps.js';
import { sha256 } from './digest.js';
import { parseDockerfile } from './dockerfile.js';
import { layerKey, type EngineCore } from './engine-core.js';
import { EngineError } from './engine-error.js';
import type { StoredImage } from './engine-state.js';
import type { Pull, PullUpdate } from './image-pull.js';
import type { ImageStore } from './image-store.js';
import { PLAIN_CONFIGURATION, type ImageConfiguration } from './registry-world.js';

export interface BuildOrder {
  readonly dockerfile: string;
  /** Path to size in bytes. */
  readonly context: ReadonlyMap<string, number>;
  readonly tag: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly noCache: boolean;
}

export interface BuildWatcher {
  /** Every step there is, before the first begins. */
  plan(steps: readonly BuildStep[]): void;
  begun(step: BuildStep): void;
  pulled(step: BuildStep, update: PullUpdate): void;
  printed(step: BuildStep, text: string): void;
  ended(step: BuildStep, how: 'done' | 'cached'): void;
  done(
    outcome: { readonly imageId: string } | { readonly error: EngineError; readonly step: BuildStep | undefined },
  ): void;
}

/** Builds an image from a Dockerfile; returns the way to stop. What is wrong with the file is thrown before. */
export type Build = (order: BuildOrder, watcher: BuildWatcher) => () => void;

const MIB = 1024 ** 2;
/** What a RUN that installs packages leaves, and a COPY of another image's folders. */
const RUN_BYTES = 180 * MIB;
const COPY_FROM_BYTES = 900 * MIB;

interface Made {
  configuration: ImageConfiguration;
  layers: string[];
  sizeBytes: number;
  args: Record<string, string>;
}

/** The daemon's builder: step by step, base images through its own pulls, layers on the disk of the data-root. */
export function createBuild(core: EngineCore, images: ImageStore, pull: Pull): Build {
  const { simulation, disk } = core;
  return (order, watcher) => {
    const tag = parseImageReference(order.tag);
    if ('invalid' in tag) throw new EngineError(400, tag.invalid);
    const file = parseDockerfile(order.dockerfile);
    const steps = stepsOf(file, order.buildArgs);
    const made = new Map<string, Made>();
    const fresh: string[] = [];
    let stopped = false;
    let stopPull: () => void = () => undefined;
    core.onEnd.add(stop);
    watcher.plan(steps);
    run(0);
    return stop;

    function stop(): void {
      stopped = true;
      stopPull();
      core.onEnd.delete(stop);
    }
    function fail(error: EngineError, step: BuildStep): void {
      stop();
      for (const layer of fresh) if (!images.usesLayer(layer)) disk.usedBytes.delete(layerKey(layer));
      watcher.done({ error, step });
    }
    function run(index: number): void {
      const step = steps[index];
      if (!step) {
        finish();
        return;
      }
      watcher.begun(step);
      const next = (how: 'done' | 'cached'): void => {
        watcher.ended(step, how);
        run(index + 1);
      };
      const name = /^\S+/.exec(step.expanded)?.[0] ?? '';
      const args = step.expanded.replace(/^\S+\s+/, '');
      if (name === 'FROM') {
        begin(step, args, next);
        return;
      }
      const stage = made.get(step.stageName);
      if (!stage) throw new Error('a step before its FROM');
      const problem = missingSource(name, args);
      if (problem !== undefined) {
        fail(new EngineError(500, problem), step);
        return;
      }
      if (name !== 'RUN' && name !== 'COPY' && name !== 'ADD') {
        stage.configuration = configured(stage.configuration, name, args);
        next('done');
        return;
      }
      const layer = sha256(JSON.stringify([stage.layers, step.expanded, name === 'RUN' ? '' : sizeOf(args)]));
      stage.layers.push(layer);
      stage.sizeBytes += sizeOf(args, name);
      if (!order.noCache && images.usesLayer(layer)) {
        next('cached');
        return;
      }
      const takesMs = name === 'RUN' ? simulation.draw('docker.build.run') : simulation.draw('docker.build.copy');
      simulation.after(takesMs, () => {
        if (stopped || !core.alive) return;
        if (name === 'RUN') watcher.printed(step, `lab: ran ${args.slice(0, 60)}`);
        const bytes = sizeOf(args, name);
        if (freeBytes(disk) < bytes) {
          fail(new EngineError(500, `write ${core.dataRoot}/tmp/layer: no space left on device`), step);
          return;
        }
        fresh.push(layer);
        disk.usedBytes.set(layerKey(layer), bytes);
        next('done');
      });
    }

    function begin(step: BuildStep, args: string, next: (how: 'done' | 'cached') => void): void {
      const reference = args.split(/\s+/)[0] ?? '';
      const start = (image: StoredImage | undefined, from?: Made): void => {
        made.set(step.stageName, {
          configuration: from?.configuration ?? image?.configuration ?? PLAIN_CONFIGURATION,
          layers: [...(from?.layers ?? image?.layers ?? [])],
          sizeBytes: from?.sizeBytes ?? image?.sizeBytes ?? 0,
          args: {},
        });
      };
      const earlier = made.get(reference);
      const local = earlier || reference === 'scratch' ? undefined : found(reference);
      if (earlier || reference === 'scratch' || local) {
        start(local, earlier);
        next(local ? 'cached' : 'done');
        return;
      }
      stopPull = pull(reference, {
        update: (update) => {
          if (!stopped) watcher.pulled(step, update);
        },
        done(error) {
          if (stopped) return;
          stopPull = () => undefined;
          if (error) {
            fail(error, step);
            return;
          }
          start(images.find(reference));
          next('done');
        },
      });
    }

    function found(reference: string): StoredImage | undefined {
      try {
        return images.find(reference);
      } catch (error) {
        if (error instanceof EngineError && error.status === 404) return undefined;
        throw error;
      }
    }

    /** Both builders look for a source before they copy it; files that .dockerignore leaves out never came here. */
    function missingSource(name: string, args: string): string | undefined {
      if ((name !== 'COPY' && name !== 'ADD') || /^--from=/.test(args)) return undefined;
      const missing = sourcesOf(args).find((source) => source !== '.' && bytesBelow(source) === undefined);
      return missing === undefined
        ? undefined
        : `COPY failed: file not found in build context or excluded by .dockerignore: stat ${missing}: file does not exist`;
    }
    function sizeOf(args: string, name = 'COPY'): number {
      if (name === 'RUN') return RUN_BYTES;
      if (/^--from=/.test(args)) return COPY_FROM_BYTES;
      return sourcesOf(args).reduce((sum, source) => sum + (bytesBelow(source) ?? 0), 0);
    }
    function bytesBelow(source: string): number | undefined {
      const path = source.replace(/^\.?\//, '').replace(/\/$/, '');
      const inside = [...order.context].filter(
        ([file]) => path === '.' || file === path || file.startsWith(`${path}/`),
      );
      return inside.length === 0 ? undefined : inside.reduce((sum, [, bytes]) => sum + bytes, 0);
    }

    function finish(): void {
      core.onEnd.delete(stop);
      const last = made.get(steps.at(-1)?.stageName ?? '');
      if (!last) throw new Error('a build without a stage');
      const { configuration, layers, sizeBytes } = last;
      const imageId = sha256(JSON.stringify([configuration, layers]));
      const createdAt = new Date(simulation.now).toISOString();
      images.put({ id: imageId, createdAt, sizeBytes, layers, configuration }, order.tag);
      watcher.done({ imageId });
    }
  };
}

const sourcesOf = (args: string): readonly string[] =>
  args
    .split(/\s+/)
    .filter((word) => !word.startsWith('--'))
    .slice(0, -1);
