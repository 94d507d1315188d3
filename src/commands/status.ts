import type { Cost } from '../deployment/cost.js';
import { EXIT } from '../failures/exit-codes.js';
import { Deadline } from '../health/deadline.js';
import { lookAtWorkers } from '../operations/look.js';
import { chooseName, DEFAULT_DEPLOYMENT, type OpenDeployment } from '../operations/open-deployment.js';
import { lookAtSpend } from '../operations/spend.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { WorkerStatus } from '../operations/worker-status.js';
import { formatUsd } from '../output/paint/units.js';
import type { Session } from '../session.js';
import { listDeployments, type DeploymentRecord } from '../state/deployment.js';
import type { CommandCall, CommandHandler } from './command.js';
import { hint } from './hints.js';
import { flagOption, textOption } from './input.js';
import { placeOf } from './place.js';
import { printResult } from './print-result.js';
import { statusLines } from './status-lines.js';
import { withSession } from './with-session.js';

/** A look at all seven layers; each has its own, shorter budget. */
const STATUS_MS = 5 * 60_000;
/** Pause of `--watch`: the Azure bucket for instance views refills twelve a minute. */
const WATCH_MS = 15_000;

/**
 * `waa status`: looks, changes nothing; exit 4 when a layer is not ready. Where it is not said which of several
 * deployments is meant, they are listed.
 */
export const handle: CommandHandler = async (call) => {
  const status = await withSession(call, {}, async (session) => {
    const given = textOption(call.options, 'name');
    const several = given === undefined ? await unclear(session) : undefined;
    if (several) return { several };
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
  if ('several' in status) return printResult(call, { deployments: status.several }, listLines(call, status.several));
  const ready = status.workers.every((worker) => worker.ready);
  const lines = [...statusLines(status.record, status.workers, call), ...costLine(status.cost)];
  return printResult(
    call,
    { deployment: status.record, workers: status.workers, ...(status.cost ? { cost: status.cost } : {}) },
    lines,
    ready ? EXIT.ok : EXIT.unhealthy,
  );
};

/** The deployments, where none or several could be meant. One whose record is damaged is opened, and complains. */
async function unclear(session: Session): Promise<readonly DeploymentRecord[] | undefined> {
  const { records, broken } = await listDeployments(session.paths);
  const isClear = records.length + broken.length === 1 || records.some(({ name }) => name === DEFAULT_DEPLOYMENT);
  return isClear ? undefined : records;
}

function listLines(call: CommandCall, records: readonly DeploymentRecord[]): readonly string[] {
  const [first] = records;
  if (!first) return [hint(call, 'Nothing is up here. Start with: waa up   (or: waa demo)')];
  return [
    ...records.map((record) => {
      const { name, intent, workers } = record;
      return `${name}: ${intent}, ${workers.length} worker${workers.length === 1 ? '' : 's'}, ${placeOf(record)}`;
    }),
    '',
    hint(call, 'Say which: waa status', first.name),
  ];
}

const costLine = (cost: Cost | undefined): readonly string[] =>
  cost ? ['', `Cost so far ${formatUsd(cost.totalUsd)}, ${formatUsd(cost.hourlyUsd)} an hour as it is now.`] : [];

function show(call: CommandCall, open: OpenDeployment, workers: readonly WorkerStatus[]): void {
  printResult(call, { deployment: open.record, workers }, [...statusLines(open.record, workers, call), '']);
}

async function look(session: Session, open: OpenDeployment): Promise<readonly WorkerStatus[]> {
  using deadline = Deadline.after(STATUS_MS, session.clock, session.signal);
  return await lookAtWorkers(session, open, deadline);
}
