import { Deadline } from '../health/deadline.js';
import { bringUp } from '../operations/bring-up.js';
import { confirmCost } from '../operations/confirm.js';
import { passCommandGate } from '../operations/gates.js';
import { showLive } from '../operations/live-view.js';
import { chooseName, prepareRecord } from '../operations/open-deployment.js';
import { asOperation } from '../operations/operation.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { Session } from '../session.js';
import { deploymentNames, loadDeployment } from '../state/deployment.js';
import { azureFlags } from './azure-flags.js';
import type { CommandHandler } from './command.js';
import { flagOption, listOption, textOption } from './input.js';
import { printResult } from './print-result.js';
import { readyLines } from './ready-lines.js';
import { withSession } from './with-session.js';

/** All seven layers from nothing, each with one recovery, stay far below this. */
const UP_MS = 3 * 60 * 60_000;

/** `waa up`: creates or continues; a second `up` finds everything ready and changes nothing. */
export const handle: CommandHandler = async (call) => {
  const { options } = call;
  const done = await withSession(call, { flags: azureFlags(options) }, async (session) => {
    const name = await chooseName(session, textOption(options, 'name'));
    if (flagOption(options, 'resume')) await refuseUnknown(session, textOption(options, 'name'), name);
    showLive(session, call.globals.debug);
    await passCommandGate(session, call.spec, { ignore: listOption(options, 'ignore'), deployment: name });
    await confirmCost(session, name, flagOption(options, 'yes'));
    await prepareRecord(session, name);
    const request = { name, exclusive: true, allowReinstall: flagOption(options, 'reinstall') };
    return withDeployment(session, request, async (open) => {
      using deadline = Deadline.after(UP_MS, session.clock, open.signal);
      const info = { operation: 'up', deployment: name, totalSteps: 7 * open.workers.length };
      const outputs = await asOperation(session, info, () => bringUp(session, open, deadline));
      return { record: open.record, outputs };
    });
  });
  return printResult(call, { deployment: done.record, workers: done.outputs }, readyLines(done.record, done.outputs));
};

/**
 * `--resume` of a name that is not known is a slip, which must not create a VM. Without a name and any deployment, the
 * `up` that is to be continued was killed before it had begun anything: to continue it is to begin.
 */
async function refuseUnknown(session: Session, given: string | undefined, name: string): Promise<void> {
  if (given === undefined && (await deploymentNames(session.paths)).length === 0) return;
  await loadDeployment(session.paths, name);
}
