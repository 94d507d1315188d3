import type { AnyLayer, LayerId, LayerStatus, Recovery } from '../../src/layers/layer.js';
import type { WalkMemory } from '../../src/layers/walk-contract.js';
import type { WaaError } from '../../src/failures/waa-error.js';

/** A layer whose reality is a variable: tests break and mend it and see what the walk does. */
export interface ScriptedLayer extends AnyLayer {
  status: LayerStatus<unknown>;
  onProvision: () => void | Promise<void>;
  onRecover: (fault: WaaError, attempt: number) => Recovery | Promise<Recovery>;
  readonly calls: string[];
}

export const readyStatus = (output: unknown = 'out'): LayerStatus<unknown> => ({
  state: 'ready',
  output,
  identity: 'id-1',
});

export function scriptedLayer(id: LayerId, status: LayerStatus<unknown> = { state: 'absent' }): ScriptedLayer {
  const layer: ScriptedLayer = {
    id,
    milestones: id === 'vm' ? ['vm_created'] : [],
    timeouts: { checkMs: 10_000, provisionMs: 60_000, recoverMs: 30_000 },
    status,
    calls: [],
    onProvision: () => {
      layer.status = readyStatus(`${id}-output`);
    },
    onRecover: () => ({ outcome: 'nothing-to-do' }),
    check: (_ctx, input) => {
      layer.calls.push(`check(${String(input)})`);
      return Promise.resolve(layer.status);
    },
    provision: async () => {
      layer.calls.push('provision');
      await layer.onProvision();
    },
    recover: async (ctx, _input, fault) => {
      layer.calls.push(`recover(${fault.code},${ctx.recoveryAttempt})`);
      return layer.onRecover(fault, ctx.recoveryAttempt);
    },
  };
  return layer;
}

/** A walk memory that keeps everything in arrays. */
export function recordingMemory(): WalkMemory & {
  readonly ready_: LayerId[];
  readonly seen: unknown[];
  readonly milestones: string[];
} {
  const ready_: LayerId[] = [];
  const seen: unknown[] = [];
  const milestones: string[] = [];
  const tokens = new Map<string, string>();
  return {
    ready_,
    seen,
    milestones,
    layer: (id) => ({
      resumeToken: (name) => tokens.get(`${id}/${name}`),
      saveResumeToken: (name, token) => {
        if (token === undefined) tokens.delete(`${id}/${name}`);
        else tokens.set(`${id}/${name}`, token);
        return Promise.resolve();
      },
    }),
    ready: (id, what) => {
      ready_.push(id);
      seen.push(what);
      return Promise.resolve();
    },
    reached: (milestone) => {
      milestones.push(milestone);
      return Promise.resolve();
    },
  };
}
