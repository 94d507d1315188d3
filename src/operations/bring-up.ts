import { keepLease } from '../deployment/lifecycle.js';
import { newLease } from '../deployment/lease.js';
import { asWaaError, fail, type WaaError } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { ClientOutput } from '../layers/io.js';
import { planFingerprint } from '../layers/fingerprint.js';
import { ensureLayers, inspectLayers, type WalkMemory, type WalkOptions, type WalkResult } from '../layers/walk.js';
import type { Session } from '../session.js';
import type { OpenDeployment, OpenWorker } from './open-deployment.js';
import { removeLeaving } from './scale.js';
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
    memory: withLease(session, open, worker, deadline),
    breaker: worker.breaker,
  };
}

/** From the first minute of a VM's life there is an end to its billing: the shutdown schedule is set when it exists. */
function withLease(session: Session, open: OpenDeployment, worker: OpenWorker, deadline: Deadline): WalkMemory {
  const memory = walkMemory(open.checkpoint, worker.name, planFingerprint(worker.plan), () => session.clock.now());
  return {
    ...memory,
    async reached(milestone) {
      if (milestone === 'vm_created') await renewLease(session, open, worker, deadline);
      await memory.reached(milestone);
    },
  };
}

/** Moves the worker's auto-pause to the configured hours from now. A host of the user's own costs nothing by the hour. */
export async function renewLease(
  session: Session,
  open: OpenDeployment,
  worker: OpenWorker,
  deadline: Deadline,
): Promise<void> {
  if (open.record.hosts) return;
  const lease = newLease(session.clock.now(), session.config.azure.autoPauseHours);
  await keepLease(open.ports, worker.pool, lease, deadline);
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

/** What came of bringing all workers up: those that may be used, and those that failed by themselves. */
export interface PoolReady {
  readonly outputs: readonly ({ readonly worker: string } & ClientOutput)[];
  readonly failed: readonly { readonly worker: string; readonly fault: WaaError }[];
}

/**
 * Brings every worker up at the same time; each fails for itself. Workers that were on their way out are gone before. The
 * intent is written before and after. Raises OWN_POOL_INCOMPLETE when fewer are ready than the deployment needs, the fault
 * itself where there is one worker only.
 */
export async function bringUp(session: Session, open: OpenDeployment, deadline: Deadline): Promise<PoolReady> {
  await removeLeaving(session, open, deadline);
  const settled = await Promise.all(
    open.workers.map(async (worker) => {
      try {
        return { worker: worker.name, output: await bringUpWorker(session, open, worker, deadline) };
      } catch (error) {
        return { worker: worker.name, fault: asWaaError(error) };
      }
    }),
  );
  if (deadline.signal.aborted && !deadline.expired) throw deadline.signal.reason;
  const outputs = settled.flatMap(({ worker, output }) => (output ? [{ worker, ...output }] : []));
  const failed = settled.flatMap(({ worker, fault }) => (fault ? [{ worker, fault }] : []));
  const { name, minWorkers = open.workers.length } = open.record;
  const [first] = failed;
  if (first && outputs.length < minWorkers)
    throw open.workers.length === 1 ? first.fault : incomplete(name, minWorkers);
  for (const { worker, fault } of failed)
    session.emit('log', { component: 'deployment' }, `${worker} is left out: ${fault.message}`, {
      level: 'error',
      worker,
    });
  await open.intend('ready');
  return { outputs, failed };

  function incomplete(deployment: string, needed: number): WaaError {
    const texts = failed.map(({ worker, fault }) => ({ title: worker, text: `${fault.code}: ${fault.message}` }));
    const counts = { ready: outputs.length, workers: open.workers.length, needed };
    return fail(
      'OWN_POOL_INCOMPLETE',
      { deployment, ...counts, failed: failed.map(({ worker, fault }) => `${worker} (${fault.code})`).join(', ') },
      { cause: first?.fault, evidence: texts },
    );
  }
}

/** Looks at one worker's layers, changing nothing. */
export function inspectWorker(
  session: Session,
  open: OpenDeployment,
  worker: OpenWorker,
  deadline: Deadline,
): Promise<WalkResult> {
  return inspectLayers(walkOptions(session, open, worker, deadline));
}
