import { counted } from '../counted.js';
import { workerNames } from '../deployment/names.js';
import { fail } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import { bringUp } from '../operations/bring-up.js';
import { confirmCost, confirmRemoval } from '../operations/confirm.js';
import { passCommandGate } from '../operations/gates.js';
import { showLive } from '../operations/live-view.js';
import { chooseName } from '../operations/choose-name.js';
import { proveImage } from '../operations/images.js';
import { lookDeadline } from '../operations/look-deadline.js';
import { asOperation } from '../operations/operation.js';
import { refuseOthers } from '../operations/others-runs.js';
import { billedFor, intendScale, isUnfinished, removeLeaving, scaleStep } from '../operations/scale.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { Session } from '../session.js';
import { loadDeployment, type DeploymentRecord } from '../state/deployment.js';
import type { CommandCall, CommandHandler } from './command.js';
import { flagOption, listOption, numberOption, textOption } from './input.js';
import { printResult } from './print-result.js';
import { printReady } from './ready-lines.js';
import { stepsOf } from './up.js';
import { withSession } from './with-session.js';

/** As `up`; a deletion takes minutes. */
const SCALE_MS = 3 * 60 * 60_000;

/** `waa pool-scale N`: brings new workers up, or deletes the last ones. */
export const handle: CommandHandler = async (call) => {
  const { options } = call;
  const [text = ''] = call.args;
  if (!/^\d+$/.test(text))
    throw fail('USAGE', { problem: `${text} is not a number of workers`, hint: 'waa pool-scale 4' });
  const count = workerNames(Number(text)).length;
  const minWorkers = numberOption(options, 'minWorkers', { min: 1, max: count, integer: true });
  const done = await withSession(call, {}, async (session) => {
    const name = await chooseName(session, textOption(options, 'name'));
    const record = await loadDeployment(session.paths, name);
    if (record.hosts) {
      const hint = 'A pool of hosts has the hosts it was made with: waa up --name NAME --host ...';
      throw fail('USAGE', { problem: `${name} is on hosts of your own`, hint });
    }
    showLive(session, call.globals.debug);
    await ask(session, call, record, count);
    // The workers of an open deployment do not change, so it is opened again with those it has from now on.
    await withDeployment(session, { name, exclusive: true }, async (open) => {
      using deadline = Deadline.after(SCALE_MS, session.clock, open.signal);
      const force = flagOption(options, 'force');
      if (!force) await refuseOthers(session, open, 'kept', deadline, scaleStep(open.record, count).leaving);
      await intendScale(session, open, count, { force, minWorkers });
    });
    return withDeployment(session, { name, exclusive: true }, async (open) => {
      using deadline = Deadline.after(SCALE_MS, session.clock, open.signal);
      return await asOperation(
        session,
        { operation: 'pool-scale', deployment: name, totalSteps: stepsOf(open) },
        async () => {
          const gone = await removeLeaving(session, open, deadline);
          const pool = isUnfinished(open) ? await bringUp(session, open, deadline) : undefined;
          return { record: open.record, gone, pool };
        },
      );
    });
  });
  const { record, gone, pool } = done;
  if (pool) return printReady(call, record, pool);
  return printResult(call, { deployment: record, deleted: gone }, [
    gone.length === 0
      ? `${record.name} has ${counted(record.workers.length, 'worker')} already; nothing was changed.`
      : `${record.name}: deleted ${gone.join(', ')}; listed again, nothing of them is left.`,
  ]);
};

/** What becomes dearer, and what is destroyed, is asked about once. */
async function ask(session: Session, call: CommandCall, record: DeploymentRecord, count: number): Promise<void> {
  const { name } = record;
  const { added, leaving } = scaleStep(record, count);
  const yes = flagOption(call.options, 'yes');
  if (added.length > 0) {
    using deadline = lookDeadline(session);
    await proveImage(session, record, added, deadline);
    const ignore = listOption(call.options, 'ignore');
    const request = { ignore, deployment: name, place: record, workers: workerNames(count) };
    await passCommandGate(session, call.spec, request);
    await confirmCost(session, { ...record, workers: [...billedFor(record, { added, count })] }, yes);
  }
  if (leaving.length > 0) await confirmRemoval(session, record, leaving, yes);
}
