import { withDigest } from '../config/image-reference.js';
import { EXIT } from '../failures/exit-codes.js';
import { Deadline } from '../health/deadline.js';
import { leaseKeeper } from '../operations/lease-keeper.js';
import { showLive } from '../operations/live-view.js';
import { checkReference, pullImageTo } from '../operations/move-image.js';
import { chooseName } from '../operations/choose-name.js';
import { asOperation } from '../operations/operation.js';
import { askWorkers } from '../operations/reach-worker.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { CommandHandler } from './command.js';
import { listOption, textOption } from './input.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** As for a push; workers pull at the same time. */
const PULL_MS = 60 * 60_000;

/** `waa image-pull` */
export const handle: CommandHandler = async (call) => {
  const [given] = call.args;
  const { reference, answers } = await withSession(call, {}, async (session) => {
    const { image } = session.config;
    const wanted =
      given === undefined ? withDigest(image.fallback ?? image.reference, image.digest) : checkReference(given);
    const name = await chooseName(session, textOption(call.options, 'name'));
    showLive(session, call.globals.debug);
    return withDeployment(session, { name, exclusive: true }, async (open) => {
      using deadline = Deadline.after(PULL_MS, session.clock, open.signal);
      session.observe(leaseKeeper(session, open));
      const info = { operation: 'image-pull', deployment: name, totalSteps: open.workers.length };
      const workers = listOption(call.options, 'worker');
      const pulled = await asOperation(session, info, () =>
        askWorkers(session, open, workers, (reached) => pullImageTo(session, reached, wanted, deadline)),
      );
      return { reference: wanted, answers: pulled };
    });
  });
  const result = answers.map(({ worker, value, fault }) => ({ worker, ...value, fault: fault?.report() }));
  return printResult(
    call,
    { reference, workers: result },
    [
      `Image ${reference}:`,
      ...answers.map(({ worker, value, fault }) => `  ${worker}  ${value?.id ?? fault?.message ?? ''}`),
    ],
    answers.some(({ fault }) => fault !== undefined) ? EXIT.failure : EXIT.ok,
  );
};
