import type { Deadline } from '../health/deadline.js';
import { planFingerprint } from '../layers/fingerprint.js';
import type { ClientOutput } from '../layers/io.js';
import type { LayerId } from '../layers/layer.js';
import type { WalkOptions, WalkResult } from '../layers/walk-contract.js';
import { ensureLayers, inspectLayers } from '../layers/walk.js';
import type { Session } from '../session.js';
import type { OpenDeployment } from './open-deployment.js';
import type { OpenWorker } from './open-worker.js';
import { walkMemory } from './walk-memory.js';

/** Everything the walk of one worker needs; its notes go to the checkpoint. */
export function walkOptions(
  session: Session,
  open: OpenDeployment,
  worker: OpenWorker,
  deadline: Deadline,
): WalkOptions {
  const { clock, emit, retry } = session;
  return {
    layers: worker.stack.layers,
    input: worker.plan,
    worker: worker.name,
    clock,
    deadline,
    emit,
    retry,
    memory: walkMemory(open.checkpoint, worker.name, planFingerprint(worker.plan), () => clock.now()),
    breaker: worker.breaker,
  };
}

/** Brings one worker through all layers; returns what the top one proved. Raises the failure that stopped it. */
export async function bringUpWorker(
  session: Session,
  open: OpenDeployment,
  worker: OpenWorker,
  deadline: Deadline,
): Promise<ClientOutput> {
  const result = await ensureLayers(walkOptions(session, open, worker, deadline));
  return result.output as ClientOutput;
}

/** Looks at one worker's layers, at all or no higher than `top`, changing nothing. */
export function inspectWorker(
  session: Session,
  open: OpenDeployment,
  worker: OpenWorker,
  deadline: Deadline,
  top?: LayerId,
): Promise<WalkResult> {
  const options = walkOptions(session, open, worker, deadline);
  const end = options.layers.findIndex(({ id }) => id === top) + 1;
  return inspectLayers(end === 0 ? options : { ...options, layers: options.layers.slice(0, end) });
}
