import { Deadline } from '../health/deadline.js';
import { passCommandGate } from '../operations/gates.js';
import { showLive } from '../operations/live-view.js';
import { chooseName } from '../operations/choose-name.js';
import { asOperation } from '../operations/operation.js';
import { resumeDeployment } from '../operations/resume.js';
import { withDeployment } from '../operations/with-deployment.js';
import { loadDeployment } from '../state/deployment.js';
import type { CommandHandler } from './command.js';
import { listOption, textOption } from './input.js';
import { printReady } from './ready-lines.js';
import { stepsOf } from './up.js';
import { withSession } from './with-session.js';

/** A start, a boot and one recovery. */
const RESUME_MS = 90 * 60_000;

/** `waa pool-resume` */
export const handle: CommandHandler = async (call) => {
  const done = await withSession(call, {}, async (session) => {
    const name = await chooseName(session, textOption(call.options, 'name'));
    const { hosts } = await loadDeployment(session.paths, name);
    showLive(session, call.globals.debug);
    await passCommandGate(session, call.spec, { ignore: listOption(call.options, 'ignore'), deployment: name, hosts });
    return withDeployment(session, { name, exclusive: true }, async (open) => {
      using deadline = Deadline.after(RESUME_MS, session.clock, open.signal);
      const info = { operation: 'pool-resume', deployment: name, totalSteps: stepsOf(open) };
      const pool = await asOperation(session, info, () => resumeDeployment(session, open, deadline));
      return { record: open.record, pool };
    });
  });
  return printReady(call, done.record, done.pool);
};
