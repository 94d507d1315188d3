import { Deadline } from '../health/deadline.js';
import { confirmDeletion } from '../operations/confirm.js';
import { showLive } from '../operations/live-view.js';
import { chooseName } from '../operations/open-deployment.js';
import { asOperation } from '../operations/operation.js';
import { takeDown } from '../operations/take-down.js';
import { withDeployment } from '../operations/with-deployment.js';
import { loadDeployment } from '../state/deployment.js';
import type { CommandHandler } from './command.js';
import { flagOption, textOption } from './input.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** Azure needs three to eight minutes for a group with one VM, and its listings lag. */
const DOWN_MS = 30 * 60_000;

/** `waa down` */
export const handle: CommandHandler = async (call) => {
  const { options } = call;
  const proof = await withSession(call, {}, async (session) => {
    const name = await chooseName(session, textOption(options, 'name'));
    await loadDeployment(session.paths, name);
    await confirmDeletion(session, name, flagOption(options, 'yes'));
    showLive(session, call.globals.debug);
    return withDeployment(session, { name, exclusive: true }, async (open) => {
      using deadline = Deadline.after(DOWN_MS, session.clock, open.signal);
      const info = { operation: 'down', deployment: name, totalSteps: 1 };
      return await asOperation(session, info, () => takeDown(session, open, flagOption(options, 'force'), deadline));
    });
  });
  return printResult(call, proof, [
    `${proof.deployment}: ${proof.deleted.length} resources deleted with ${proof.resourceGroup}.`,
    'Listed again by name, by tag and inside: nothing is left.',
  ]);
};
