import * as z from 'zod';
import type { PullProgress } from './docker-engine.js';

/** One line of the daemon's stream of a pull or a push. */
export const pullLine = z.object({
  status: z.string().optional(),
  id: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).nullish(),
  error: z.string().optional(),
  errorDetail: z.object({ message: z.string() }).optional(),
  /** At the end of a push. */
  aux: z.object({ Digest: z.string().optional() }).nullish(),
});
export type PullLine = z.infer<typeof pullLine>;

const COMPLETE: ReadonlySet<string> = new Set(['Pull complete', 'Already exists', 'Pushed', 'Layer already exists']);

interface LayerProgress {
  downloaded: number;
  extracted: number;
  total: number;
  done: boolean;
}

/**
 * Adds the layers' progress up. A layer's bytes count half when downloaded and half when extracted, because both take
 * time; `doneBytes` therefore reaches `totalBytes` only at the very end. The daemon tells a layer's size when its turn
 * comes; until then it counts as large as those that are known, so that a pull is not all but over before each new one.
 */
export function createPullProgress(): { take(line: PullLine): PullProgress | undefined } {
  const layers = new Map<string, LayerProgress>();
  return {
    take({ id, status = '', progressDetail }) {
      if (id === undefined || status.startsWith('Pulling from')) return undefined;
      const layer = layers.get(id) ?? { downloaded: 0, extracted: 0, total: 0, done: false };
      layers.set(id, layer);
      const { current = 0, total } = progressDetail ?? {};
      if (total !== undefined) layer.total = total;
      if (status === 'Downloading') layer.downloaded = current;
      if (status === 'Download complete' || status === 'Verifying Checksum') layer.downloaded = layer.total;
      if (status === 'Extracting') {
        layer.downloaded = layer.total;
        layer.extracted = current;
      }
      if (status === 'Pushing') Object.assign(layer, { downloaded: current, extracted: current });
      if (COMPLETE.has(status)) {
        Object.assign(layer, { done: true, downloaded: layer.total, extracted: layer.total });
      }
      return summary(status);
    },
  };

  function summary(status: string): PullProgress {
    const all = [...layers.values()];
    const doneBytes = all.reduce((sum, layer) => sum + (layer.downloaded + layer.extracted) / 2, 0);
    const known = all.filter((layer) => layer.done || layer.total > 0);
    const knownBytes = known.reduce((sum, layer) => sum + layer.total, 0);
    const sized = known.filter((layer) => layer.total > 0).length;
    const meanBytes = sized === 0 ? 0 : knownBytes / sized;
    const totalBytes = Math.round(knownBytes + (all.length - known.length) * meanBytes);
    const layersDone = all.filter((layer) => layer.done).length;
    const text = `${status}, ${layersDone} of ${layers.size} layers`;
    return { doneBytes: Math.round(doneBytes), totalBytes, layersDone, layersTotal: layers.size, text };
  }
}
