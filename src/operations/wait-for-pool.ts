import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import { waitFor } from '../health/wait-for.js';
import type { Session } from '../session.js';
import { lookAtWorkers } from './look.js';
import type { OpenDeployment } from './open-deployment.js';
import type { WorkerStatus } from './worker-status.js';

/** Azure's bucket for reading one VM refills twelve a minute, and a look reads it three times. */
const LOOK_EVERY_MS = 30_000;
/** Seven layers, each within its own budget. */
const LOOK_MS = 5 * 60_000;

/**
 * Looks until so many workers are ready, whoever brings them up; changes nothing. Raises OWN_POOL_INCOMPLETE at the end of
 * the deadline with what stands in the way of the others.
 */
export async function waitForPool(
  session: Session,
  open: OpenDeployment,
  needed: number,
  deadline: Deadline,
): Promise<readonly WorkerStatus[]> {
  const { name: deployment } = open.record;
  let seen: readonly WorkerStatus[] = [];
  return waitFor<readonly WorkerStatus[]>(
    async (own) => {
      seen = await lookAtWorkers(session, open, own);
      const ready = seen.filter((worker) => worker.ready).length;
      session.emit('log', { component: 'deployment' }, `${ready} of ${seen.length} workers are ready`);
      return ready >= needed ? { ok: true, value: seen } : { ok: false, saw: `${ready} of ${seen.length} are ready` };
    },
    {
      what: `${needed} workers of ${deployment}`,
      clock: session.clock,
      deadline,
      everyMs: LOOK_EVERY_MS,
      attemptTimeoutMs: LOOK_MS,
      onTimeout: () => {
        const counts = { ready: seen.filter((worker) => worker.ready).length, workers: open.workers.length, needed };
        const failed = seen.filter((worker) => !worker.ready).map(whereItStands);
        return fail('OWN_POOL_INCOMPLETE', { deployment, ...counts, failed: failed.join(', ') || 'not looked yet' });
      },
    },
  );
}

function whereItStands({ worker, layers }: WorkerStatus): string {
  const layer = layers.find(({ state }) => state !== 'ready');
  return layer ? `${worker} (${layer.id} ${layer.state})` : worker;
}
