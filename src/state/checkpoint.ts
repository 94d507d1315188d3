import * as z from 'zod';
import { LAYER_IDS, MILESTONES, type LayerId, type LayerMemory, type Milestone } from '../layers/layer.js';
import { readState, writeState, type StateKind } from './store.js';

/** What was true of a layer when it was last proven. A hint for the next invocation, never proof. */
export interface VerifiedLayer {
  /** Of the layer's inputs; a resource carries the same one. */
  readonly fingerprint: string;
  /** Ids the layer handed up. Never a secret. */
  readonly outputs: unknown;
  readonly identity: string;
  /** Epoch milliseconds. */
  readonly verifiedAt: number;
}

const verified = z.strictObject({
  fingerprint: z.string(),
  outputs: z.unknown(),
  identity: z.string(),
  verifiedAt: z.number(),
});
const layerEntry = z.strictObject({
  verified: verified.optional(),
  resumeTokens: z.record(z.string(), z.string()).default({}),
});
const workerEntry = z.strictObject({
  layers: z.partialRecord(z.enum(LAYER_IDS), layerEntry).default({}),
  /** Milestone to the epoch milliseconds it was reached. */
  milestones: z.partialRecord(z.enum(MILESTONES), z.number()).default({}),
});
const checkpointData = z.strictObject({ workers: z.record(z.string(), workerEntry) });
type CheckpointData = z.infer<typeof checkpointData>;

const kind: StateKind<CheckpointData> = {
  what: 'the checkpoint',
  version: 1,
  schema: checkpointData,
  without: 'waa up --resume   (looks at every layer again)',
};

/** The checkpoint of one deployment. Every change is on disk when its promise resolves. Use it under the lock. */
export interface Checkpoint {
  /** What a layer may remember: its resume tokens. */
  memory(worker: string, layer: LayerId): LayerMemory;
  verified(worker: string, layer: LayerId): VerifiedLayer | undefined;
  saveVerified(worker: string, layer: LayerId, value: VerifiedLayer): Promise<void>;
  milestones(worker: string): Readonly<Partial<Record<Milestone, number>>>;
  reach(worker: string, milestone: Milestone, at: number): Promise<void>;
  /** Forgets the resume tokens of a layer: nothing of it is under way any more. */
  forgetTokens(worker: string, layer: LayerId): Promise<void>;
  /** Forgets a worker that was deleted. */
  forgetWorker(worker: string): Promise<void>;
  workers(): readonly string[];
}

type LayerEntry = z.infer<typeof layerEntry>;
type WorkerEntry = z.infer<typeof workerEntry>;

/** Opens the checkpoint file, empty when there is none. Raises the OWN_STATE_* failures. */
export async function openCheckpoint(file: string): Promise<Checkpoint> {
  const data: CheckpointData = (await readState(file, kind)) ?? { workers: {} };
  const save = createSaver(() => writeState(file, kind, data));

  const workerOf = (worker: string): WorkerEntry => (data.workers[worker] ??= { layers: {}, milestones: {} });
  const layerOf = (worker: string, layer: LayerId): LayerEntry =>
    (workerOf(worker).layers[layer] ??= { resumeTokens: {} });
  const seen = (worker: string, layer: LayerId): LayerEntry | undefined => data.workers[worker]?.layers[layer];

  return {
    memory: (worker, layer) => ({
      resumeToken: (name) => seen(worker, layer)?.resumeTokens[name],
      async saveResumeToken(name, token) {
        const entry = layerOf(worker, layer);
        if (entry.resumeTokens[name] === token) return;
        entry.resumeTokens =
          token === undefined ? without(entry.resumeTokens, name) : { ...entry.resumeTokens, [name]: token };
        await save();
      },
    }),
    verified: (worker, layer) => seen(worker, layer)?.verified,
    async saveVerified(worker, layer, value) {
      layerOf(worker, layer).verified = value;
      await save();
    },
    milestones: (worker) => data.workers[worker]?.milestones ?? {},
    async reach(worker, milestone, at) {
      workerOf(worker).milestones[milestone] = at;
      await save();
    },
    async forgetTokens(worker, layer) {
      const entry = seen(worker, layer);
      if (!entry || Object.keys(entry.resumeTokens).length === 0) return;
      entry.resumeTokens = {};
      await save();
    },
    async forgetWorker(worker) {
      data.workers = without(data.workers, worker);
      await save();
    },
    workers: () => Object.keys(data.workers),
  };
}

function without<T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}

/**
 * Serialises the writes of workers that run side by side. A change made while a write is under way waits for the next
 * one; changes that wait together share it. The promise resolves after a write that began after the change.
 */
function createSaver(write: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | undefined;
  return () => {
    waiting ??= running
      .catch(() => undefined)
      .then(() => {
        waiting = undefined;
        running = write();
        return running;
      });
    return waiting;
  };
}
