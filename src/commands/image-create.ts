import { validateImageName } from '../deployment/golden-image.js';
import { fail } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import { createImage } from '../operations/create-image.js';
import { findImage } from '../operations/images.js';
import { passCommandGate } from '../operations/gates.js';
import { showLive } from '../operations/live-view.js';
import { chooseName } from '../operations/choose-name.js';
import { lookDeadline } from '../operations/look-deadline.js';
import { asOperation } from '../operations/operation.js';
import { workersOf } from '../operations/reach-worker.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { Session } from '../session.js';
import type { CommandHandler } from './command.js';
import { nextLines } from './hints.js';
import { imageLines } from './image-lines.js';
import { flagOption, textOption } from './input.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** A paused worker comes up in minutes, one that was never ready in an hour; shutting down, pausing, copying: half of one. */
const CREATE_MS = 3 * 60 * 60_000;

/** `waa image-create`, `waa image-refresh` */
export const handle: CommandHandler = async (call) => {
  const { options, spec } = call;
  const image = validateImageName(call.args[0] ?? '');
  const refresh = spec.name === 'image-refresh';
  const made = await withSession(call, {}, async (session) => {
    if (refresh) await refuseUnknown(session, image);
    const name = await chooseName(session, textOption(options, 'name'));
    showLive(session, call.globals.debug);
    await passCommandGate(session, spec, { ignore: [], deployment: name });
    return withDeployment(session, { name, exclusive: true }, async (open) => {
      const { hosts } = open.record;
      const hint = 'A host of your own keeps its Windows disk itself.';
      if (hosts) throw fail('USAGE', { problem: `${name} is on hosts of your own`, hint });
      const chosen = textOption(options, 'worker');
      const [worker] = workersOf(open, chosen === undefined ? [] : [chosen]);
      if (!worker) throw fail('BUG', { what: `${name} has no worker` });
      using deadline = Deadline.after(CREATE_MS, session.clock, open.signal);
      const info = { operation: spec.name, deployment: name, totalSteps: worker.stack.layers.length };
      const request = { image, worker, refresh, force: flagOption(options, 'force') };
      return await asOperation(session, info, () => createImage(session, open, request, deadline));
    });
  });
  const [deployment = ''] = made.source.split('/');
  return printResult(call, made, [
    `Image ${made.name} is complete; ${deployment} is paused.`,
    ...imageLines(made),
    ...nextLines(
      call,
      [
        [`waa up --name NEW --image ${made.name}`, 'use it'],
        ['waa pool-resume', 'go on'],
      ],
      deployment,
    ),
  ]);
};

/** Raises OWN_IMAGE_UNKNOWN before anything is begun. */
async function refuseUnknown(session: Session, image: string): Promise<void> {
  using deadline = lookDeadline(session);
  await findImage(session, image, deadline);
}
