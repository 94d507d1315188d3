import type { Deadline } from '../health/deadline.js';
import { needsRenewal, shutdownTime, type Lease } from './lease.js';
import type { LifecyclePorts, PoolWorker } from './pool-worker.js';

/** Moves a worker's shutdown schedule to the end of the lease, when it would move by enough to matter. */
export async function renewShutdown(
  ports: Pick<LifecyclePorts, 'arm' | 'clock' | 'retry'>,
  worker: PoolWorker,
  lease: Lease,
  deadline: Deadline,
): Promise<void> {
  const { arm, clock, retry } = ports;
  const current = await retry('arm', (own) => arm.getShutdownSchedule(worker.resourceGroup, worker.vmName, own), {
    deadline,
  });
  if (!needsRenewal(current, lease, clock.now())) return;
  const { timeUtc } = shutdownTime(lease, clock.now());
  await retry(
    'arm',
    (own) => arm.putShutdownSchedule(worker.resourceGroup, worker.vmName, worker.region, timeUtc, worker.tags, own),
    { deadline },
  );
}
