import { asWaaError, fail, type WaaError } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { ClientOutput } from '../layers/io.js';
import type { Session } from '../session.js';
import { leaseKeeper } from './lease-keeper.js';
import type { OpenDeployment } from './open-deployment.js';
import { rememberGood } from './remember-good.js';
import { removeLeaving } from './scale.js';
import { lookAtSpend } from './spend.js';
import { coolDown } from './warm.js';
import { bringUpWorker } from './walk-worker.js';

/** What came of bringing all workers up: those that may be used, and those that failed by themselves. */
export interface PoolReady {
  readonly outputs: readonly ({ readonly worker: string } & ClientOutput)[];
  readonly failed: readonly { readonly worker: string; readonly fault: WaaError }[];
}

/**
 * Brings every worker up at the same time; each fails for itself. Workers that were on their way out are gone before. The
 * intent is written before and after. Raises OWN_POOL_INCOMPLETE when fewer are ready than the deployment needs, the fault
 * itself where there is one worker only. `startedAtMs` is when VMs began to be started for it, if some were already.
 */
export async function bringUp(
  session: Session,
  open: OpenDeployment,
  deadline: Deadline,
  startedAtMs = session.clock.now(),
): Promise<PoolReady> {
  session.observe(leaseKeeper(session, open));
  // What Azure paused meanwhile was not billed, which nobody can see any more once it runs again.
  await lookAtSpend(session, open.record, startedAtMs);
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
  await lookAtSpend(session, open.record, startedAtMs);
  const outputs = settled.flatMap(({ worker, output }) => (output ? [{ worker, ...output }] : []));
  const failed = settled.flatMap(({ worker, fault }) => (fault ? [{ worker, fault }] : []));
  // Those that are to be kept warm are no workers to be counted on.
  const { name, cooling = [] } = open.record;
  const wanted = open.workers.length - cooling.length;
  const working = outputs.filter(({ worker }) => !cooling.includes(worker)).length;
  const { minWorkers = wanted } = open.record;
  const [first] = failed;
  if (first && working < minWorkers) throw open.workers.length === 1 ? first.fault : incomplete(name, minWorkers);
  for (const { worker, fault } of failed)
    session.emit('log', { component: 'deployment' }, `${worker} is left out: ${fault.message}`, {
      level: 'error',
      worker,
    });
  await open.intend('ready');
  const [good] = outputs;
  if (good) await rememberGood(session, open.record, good);
  const cooled = await coolDown(
    session,
    open,
    outputs.map(({ worker }) => worker),
    deadline,
  );
  return { outputs: outputs.filter(({ worker }) => !cooled.includes(worker)), failed };

  function incomplete(deployment: string, needed: number): WaaError {
    const texts = failed.map(({ worker, fault }) => ({ title: worker, text: `${fault.code}: ${fault.message}` }));
    const counts = { ready: working, workers: wanted, needed };
    return fail(
      'OWN_POOL_INCOMPLETE',
      { deployment, ...counts, failed: failed.map(({ worker, fault }) => `${worker} (${fault.code})`).join(', ') },
      { cause: first?.fault, evidence: texts },
    );
  }
}
