import type { Cost } from '../deployment/cost.js';
import { EXIT } from '../failures/exit-codes.js';
import { Deadline } from '../health/deadline.js';
import type { LayerReport } from '../layers/walk.js';
import { inspectWorker } from '../operations/bring-up.js';
import { chooseName, type OpenDeployment } from '../operations/open-deployment.js';
import { lookAtSpend } from '../operations/spend.js';
import { withDeployment } from '../operations/with-deployment.js';
import { formatUsd } from '../output/paint/units.js';
import type { Session } from '../session.js';
import { deploymentNames } from '../state/deployment.js';
import { fail } from '../failures/waa-error.js';
import type { CommandCall, CommandHandler } from './command.js';
import { flagOption, textOption } from './input.js';
import { printResult } from './print-result.js';
import { statusLines } from './status-lines.js';
import { withSession } from './with-session.js';
import type { WorkerStatus } from './worker-status.js';

/** A look at all seven layers; each has its own, shorter budget. */
const STATUS_MS = 5 * 60_000;
/** Pause of `--watch`: the Azure bucket for instance views refills twelve a minute. */
const WATCH_MS = 15_000;

/** `waa status`: looks, changes nothing; exit 4 when a layer is not ready. */
export const handle: CommandHandler = async (call) => {
  const status = await withSession(call, {}, async (session) => {
    const given = textOption(call.options, 'name');
    if (given === undefined && (await deploymentNames(session.paths)).length === 0) return undefined;
    const name = await chooseName(session, given);
    return withDeployment(session, { name, exclusive: false }, async (open) => {
      let seen = await look(session, open);
      while (flagOption(call.options, 'watch') && !session.signal.aborted) {
        show(call, open, seen);
        await session.clock.sleep(WATCH_MS, session.signal);
        seen = await look(session, open);
      }
      return { record: open.record, workers: seen, cost: await lookAtSpend(session, open.record) };
    });
  });
  if (!status)
    return printResult(call, { deployments: [] }, ['Nothing is up here. Start with: waa up   (or: waa demo)']);
  const ready = status.workers.every((worker) => worker.ready);
  const lines = [...statusLines(status.record, status.workers, call), ...costLine(status.cost)];
  return printResult(
    call,
    { deployment: status.record, workers: status.workers, ...(status.cost ? { cost: status.cost } : {}) },
    lines,
    ready ? EXIT.ok : EXIT.unhealthy,
  );
};

const costLine = (cost: Cost | undefined): readonly string[] =>
  cost ? ['', `Cost so far ${formatUsd(cost.totalUsd)}, ${formatUsd(cost.hourlyUsd)} an hour as it is now.`] : [];

function show(call: CommandCall, open: OpenDeployment, workers: readonly WorkerStatus[]): void {
  printResult(call, { deployment: open.record, workers }, [...statusLines(open.record, workers, call), '']);
}

async function look(session: Session, open: OpenDeployment): Promise<readonly WorkerStatus[]> {
  using deadline = Deadline.after(STATUS_MS, session.clock, session.signal);
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
      return { id, state: 'in-progress', detail: status.progress.phase };
    case 'absent':
      return { id, state: 'absent', ...(status.detail === undefined ? {} : { detail: status.detail }) };
    case undefined:
      return { id, state };
  }
}
