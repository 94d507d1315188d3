import { counted } from '../counted.js';
import type { Cost } from '../deployment/cost.js';
import { EXIT } from '../failures/exit-codes.js';
import { fail } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import { formatUsd } from '../money.js';
import { holderOf } from '../operations/lock-deployment.js';
import { lookAtWorkers } from '../operations/look.js';
import { chooseName, DEFAULT_DEPLOYMENT } from '../operations/choose-name.js';
import type { OpenDeployment } from '../operations/open-deployment.js';
import { lookAtSpend } from '../operations/spend.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { WorkerStatus } from '../operations/worker-status.js';
import type { Session } from '../session.js';
import { listDeployments, loadDeployment, type DeploymentRecord } from '../state/deployment.js';
import type { LockHolder } from '../state/lock.js';
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

/** What one look found. */
interface Seen {
  readonly record: DeploymentRecord;
  readonly workers: readonly WorkerStatus[];
  readonly cost: Cost | undefined;
  /** The command that changes it now. */
  readonly holder: LockHolder | undefined;
}

/**
 * `waa status`: looks, changes nothing; exit 4 when a layer is not ready. Where it is not said which of several
 * deployments is meant, they are listed. Raises USAGE for `--watch` with `--json`, which promises one document.
 */
export const handle: CommandHandler = async (call) => {
  const watching = flagOption(call.options, 'watch');
  if (watching && call.globals.json)
    throw fail('USAGE', {
      problem: '--json is one document, --watch would be many',
      hint: 'waa pool-wait --json   (when all is ready), or: waa status --json',
    });
  const status = await withSession(call, {}, async (session) => {
    const given = textOption(call.options, 'name');
    const several = given === undefined ? await unclear(session) : undefined;
    if (several) return { several };
    const name = await chooseName(session, given);
    if (watching) return { watched: await watch(session, name, call) };
    return withDeployment(session, { name, exclusive: false }, async (open) => ({ seen: await look(session, open) }));
  });
  if ('several' in status) return printResult(call, { deployments: status.several }, listLines(call, status.several));
  return 'watched' in status ? status.watched : print(call, status.seen);
};

/** Prints one look after the other until a person ends it, which is no failure. Tells what the last one came to. */
async function watch(session: Session, name: string, call: CommandCall): Promise<number> {
  let exitCode: number = EXIT.ok;
  const untilItChanges = async (open: OpenDeployment): Promise<void> => {
    const opened = JSON.stringify(open.record);
    do {
      const seen = await look(session, open);
      session.signal.throwIfAborted();
      exitCode = print(call, seen, ['']);
      await session.clock.sleep(WATCH_MS, session.signal);
    } while (JSON.stringify(await loadDeployment(session.paths, name)) === opened);
  };
  try {
    for (;;) await withDeployment(session, { name, exclusive: false }, untilItChanges);
  } catch (error) {
    if (session.signal.aborted) return exitCode;
    throw error;
  }
}

async function look(session: Session, open: OpenDeployment): Promise<Seen> {
  using deadline = Deadline.after(STATUS_MS, session.clock, session.signal);
  const workers = await lookAtWorkers(session, open, deadline);
  const { record } = open;
  return { record, workers, cost: await lookAtSpend(session, record), holder: await holderOf(session, record.name) };
}

function print(call: CommandCall, { record, workers, cost, holder }: Seen, end: readonly string[] = []): number {
  const lines = [...statusLines(record, workers, call, holder), ...costLine(cost), ...end];
  const ready = workers.every((worker) => worker.ready);
  const result = { deployment: record, workers, ...(cost ? { cost } : {}), ...(holder ? { inUseBy: holder } : {}) };
  return printResult(call, result, lines, ready ? EXIT.ok : EXIT.unhealthy);
}

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
      return `${name}: ${intent}, ${counted(workers.length, 'worker')}, ${placeOf(record)}`;
    }),
    '',
    hint(call, 'Say which: waa status', first.name),
  ];
}

const costLine = (cost: Cost | undefined): readonly string[] =>
  cost ? ['', `Cost so far ${formatUsd(cost.totalUsd)}, ${formatUsd(cost.hourlyUsd)} an hour as it is now.`] : [];
