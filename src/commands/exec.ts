import { Deadline } from '../health/deadline.js';
import { CONTAINER_NAME } from '../health/winarena.js';
import { chooseName } from '../operations/open-deployment.js';
import { reachWorker } from '../operations/reach-worker.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { CommandHandler } from './command.js';
import { textOption } from './input.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** Commands given by hand are short; longer work belongs to `waa ssh`. */
const EXEC_MS = 10 * 60_000;

/** `waa exec -- argv...`: runs a program in the container; its exit code is ours. */
export const handle: CommandHandler = async (call) => {
  const result = await withSession(call, {}, async (session) => {
    const name = await chooseName(session, textOption(call.options, 'name'));
    return withDeployment(session, { name, exclusive: false }, async (open) => {
      const { worker, link } = await reachWorker(session, open);
      using deadline = Deadline.after(EXEC_MS, session.clock, session.signal);
      return await worker.stack.engine(link).exec(CONTAINER_NAME, call.args, deadline);
    });
  });
  if (result.stderr !== '') call.surroundings.stderr.write(result.stderr);
  const lines = result.stdout === '' ? [] : [result.stdout.replace(/\n$/, '')];
  return printResult(call, result, lines, result.exitCode);
};
