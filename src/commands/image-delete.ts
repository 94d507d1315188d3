import { Deadline } from '../health/deadline.js';
import { confirmImageDeletion } from '../operations/confirm.js';
import { deleteImage, mayDeleteImage } from '../operations/delete-image.js';
import { showLive } from '../operations/live-view.js';
import { lookDeadline } from '../operations/look-deadline.js';
import { asOperation } from '../operations/operation.js';
import type { CommandHandler } from './command.js';
import { flagOption } from './input.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** A group with nothing but a snapshot takes minutes, and listings lag. */
const DELETE_MS = 30 * 60_000;

/** `waa image-delete` */
export const handle: CommandHandler = async (call) => {
  const [image = ''] = call.args;
  const proof = await withSession(call, {}, async (session) => {
    using look = lookDeadline(session);
    await mayDeleteImage(session, image, look);
    await confirmImageDeletion(session, image, flagOption(call.options, 'yes'));
    showLive(session, call.globals.debug);
    using deadline = Deadline.after(DELETE_MS, session.clock, session.signal);
    const info = { operation: 'image-delete', totalSteps: 1 };
    return await asOperation(session, info, () => deleteImage(session, image, deadline));
  });
  return printResult(call, proof, [
    `Deleted image ${proof.image} (${proof.deleted.map(({ name }) => name).join(', ') || 'nothing was in it'}).`,
    'Listed again: nothing of it is left.',
  ]);
};
