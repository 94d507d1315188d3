import { Deadline } from '../health/deadline.js';
import { showLive } from '../operations/live-view.js';
import { chooseName } from '../operations/choose-name.js';
import { asOperation } from '../operations/operation.js';
import { pauseDeployment } from '../operations/pause.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { CommandHandler } from './command.js';
import { nextLines } from './hints.js';
import { flagOption, textOption } from './input.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/**
 * Windows needs up to three minutes to shut down, Azure up to three to deallocate; twice that with retries. Deleting workers
 * that are leaving goes on meanwhile, and may take longer.
 */
const PAUSE_MS = 30 * 60_000;

/** `waa pool-pause` */
export const handle: CommandHandler = async (call) => {
  const force = flagOption(call.options, 'force');
  const done = await withSession(call, {}, async (session) => {
    const name = await chooseName(session, textOption(call.options, 'name'));
    showLive(session, call.globals.debug);
    return withDeployment(session, { name, exclusive: true }, async (open) => {
      using deadline = Deadline.after(PAUSE_MS, session.clock, open.signal);
      const info = { operation: 'pool-pause', deployment: name, totalSteps: open.workers.length };
      return {
        name,
        onHosts: open.record.hosts !== undefined,
        outcomes: await asOperation(session, info, () => pauseDeployment(session, open, deadline, { force })),
      };
    });
  });
  return printResult(call, { deployment: done.name, workers: done.outcomes }, [
    done.onHosts
      ? `${done.name} is paused: Windows is shut down and its container stopped; the hosts stay on.`
      : `${done.name} is paused: compute is not billed, disks and the address are.`,
    ...nextLines(
      call,
      [
        ['waa pool-resume', 'go on'],
        ['waa down', 'delete everything'],
      ],
      done.name,
    ),
  ]);
};
