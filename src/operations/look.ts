import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import { progressText } from '../layers/layer-words.js';
import type { LayerReport } from '../layers/walk-contract.js';
import type { Session } from '../session.js';
import { inspectWorker } from './walk-worker.js';
import type { OpenDeployment } from './open-deployment.js';
import type { WorkerStatus } from './worker-status.js';

/** Looks at every layer of every worker at the same time; changes nothing. */
export async function lookAtWorkers(
  session: Session,
  open: OpenDeployment,
  deadline: Deadline,
): Promise<readonly WorkerStatus[]> {
  const results = await Promise.all(open.workers.map((worker) => inspectWorker(session, open, worker, deadline)));
  return results.map(({ ready, layers }, index) => {
    const worker = open.workers[index];
    if (!worker) throw fail('BUG', { what: 'a status without a worker' });
    return { worker: worker.name, ready, layers: layers.map(layerOf) };
  });
}

function layerOf({ id, state, status }: LayerReport): WorkerStatus['layers'][number] {
  switch (status?.state) {
    case 'ready':
      return { id, state, ...(status.detail === undefined ? {} : { detail: status.detail }) };
    case 'unhealthy':
      return { id, state: 'unhealthy', detail: status.fault.message, fault: status.fault.report() };
    case 'unknown':
      return { id, state: 'unknown', detail: status.fault.message, fault: status.fault.report() };
    case 'drifted':
      return { id, state: 'drifted', detail: status.differences.join('; ') };
    case 'in-progress':
      return { id, state: 'in-progress', detail: progressText(status.progress) };
    case 'absent':
      return { id, state: 'absent', ...(status.detail === undefined ? {} : { detail: status.detail }) };
    case undefined:
      return { id, state };
  }
}
