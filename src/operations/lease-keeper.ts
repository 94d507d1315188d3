import { KEPT_FOR_MS } from '../azure/tags.js';
import { newLease, renewEveryMs, type Lease } from '../deployment/lease.js';
import { renewShutdown } from '../deployment/shutdown-schedule.js';
import type { EventConsumer } from '../events/bus.js';
import type { WaaEvent } from '../events/catalogue.js';
import { asWaaError } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';
import { keepExpiry } from './expiry.js';
import type { OpenDeployment } from './open-deployment.js';
import type { OpenWorker } from './open-worker.js';

/** Moving the schedule is two requests, moving the tag two more; a minute is ample. */
const RENEW_MS = 60_000;

/** Kinds of events that show that a worker is being worked with. */
const ACTIVITY: ReadonlySet<WaaEvent['type']> = new Set([
  'layer.state',
  'layer.progress',
  'task.started',
  'task.progress',
]);

/**
 * Work moves the auto-pause on: while events of a worker come, its schedule in Azure stays at least seven eighths of the
 * lease ahead (of a day, when the lease is longer), and the deployment's expiry follows. A renewal that fails is told and
 * tried again with the next event.
 */
export function leaseKeeper(session: Session, open: OpenDeployment): EventConsumer {
  const { clock, config, signal } = session;
  const stepMs = renewEveryMs(config.azure.autoPauseHours);
  const dueAt = new Map<string, number>();
  const pending = new Set<Promise<void>>();

  const renew = async (worker: OpenWorker): Promise<void> => {
    using deadline = Deadline.after(RENEW_MS, clock, signal);
    const lease = newLease(clock.now(), config.azure.autoPauseHours);
    try {
      await renewShutdown(open.ports, worker.pool, lease, deadline);
      if (worker === open.workers[0]) await keepExpiry(session, open.record, lease.endsAtMs + KEPT_FOR_MS, deadline);
    } catch (error) {
      if (signal.aborted) return;
      dueAt.delete(worker.name);
      const text = `the auto-pause could not be moved on: ${asWaaError(error).message}`;
      session.emit('log', { component: 'deployment' }, text, { level: 'warn', worker: worker.name });
    }
  };

  return {
    name: 'lease',
    consume(event) {
      if (open.record.hosts || !ACTIVITY.has(event.type) || isBeforeTheVm(event)) return;
      const worker = open.workers.find((candidate) => candidate.name === event.worker);
      if (!worker || clock.now() < (dueAt.get(worker.name) ?? 0)) return;
      dueAt.set(worker.name, clock.now() + stepMs);
      const renewal = renew(worker).finally(() => pending.delete(renewal));
      pending.add(renewal);
    },
    close: async () => {
      await Promise.all(pending);
    },
  };
}

/** The vm layer sets the schedule itself when it makes or starts a VM. */
function isBeforeTheVm(event: WaaEvent): boolean {
  const isLayer = event.type === 'layer.state' || event.type === 'layer.progress';
  return isLayer && (event.data.layer === 'azure' || event.data.layer === 'vm');
}

/** Gives every worker, or these, this lease, shorter or longer than the one it has. */
export async function setLease(
  session: Session,
  open: OpenDeployment,
  lease: Lease,
  workers: readonly OpenWorker[] = open.workers,
): Promise<void> {
  if (open.record.hosts) return;
  using deadline = Deadline.after(RENEW_MS, session.clock, session.signal);
  await Promise.all(workers.map((worker) => renewShutdown(open.ports, worker.pool, lease, deadline)));
}
