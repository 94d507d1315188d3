import { Deadline } from '../health/deadline.js';
import { leaseKeeper } from '../operations/lease-keeper.js';
import { showLive } from '../operations/live-view.js';
import { checkReference, pushImage } from '../operations/move-image.js';
import { chooseName } from '../operations/choose-name.js';
import { asOperation } from '../operations/operation.js';
import { askWorkers, workersOf } from '../operations/reach-worker.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { CommandHandler } from './command.js';
import { textOption } from './input.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** Some 10 GB out of Azure into Azure; an hour is ample. */
const PUSH_MS = 60 * 60_000;

/** `waa image-push` */
export const handle: CommandHandler = async (call) => {
  const target = checkReference(call.args[0] ?? '');
  const pushed = await withSession(call, {}, async (session) => {
    const name = await chooseName(session, textOption(call.options, 'name'));
    showLive(session, call.globals.debug);
    return withDeployment(session, { name, exclusive: true }, async (open) => {
      using deadline = Deadline.after(PUSH_MS, session.clock, open.signal);
      session.observe(leaseKeeper(session, open));
      const chosen = textOption(call.options, 'worker');
      const [worker] = workersOf(open, chosen === undefined ? [] : [chosen]);
      const info = { operation: 'image-push', deployment: name, totalSteps: 1 };
      const [answer] = await asOperation(session, info, () =>
        askWorkers(session, open, [worker?.name ?? ''], (reached) => pushImage(session, reached, target, deadline)),
      );
      return answer?.value;
    });
  });
  return printResult(call, pushed, [
    `Pushed ${pushed?.source ?? ''} as ${target}.`,
    'To use it, in waa.yaml:',
    '  image:',
    `    reference: ${target}`,
    `    digest: ${pushed?.digest ?? ''}`,
  ]);
};
