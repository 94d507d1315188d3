import { Deadline } from '../health/deadline.js';
import { MAX_WORKERS } from '../deployment/names.js';
import { showLive } from '../operations/live-view.js';
import { chooseName } from '../operations/choose-name.js';
import { minimum } from '../operations/known-place.js';
import { asOperation } from '../operations/operation.js';
import { waitForPool } from '../operations/wait-for-pool.js';
import { withDeployment } from '../operations/with-deployment.js';
import type { CommandHandler } from './command.js';
import { numberOption, textOption } from './input.js';
import { printResult } from './print-result.js';
import { statusLines } from './status-lines.js';
import { withSession } from './with-session.js';

/** A first start takes 20 to 60 minutes. */
const DEFAULT_MINUTES = 60;

/** `waa pool-wait`: beside another command that brings the pool up, or after it. */
export const handle: CommandHandler = async (call) => {
  const minutes = numberOption(call.options, 'timeout', { min: 1, max: 24 * 60 }) ?? DEFAULT_MINUTES;
  const atLeast = numberOption(call.options, 'minWorkers', { min: 1, max: MAX_WORKERS, integer: true });
  const { record, workers } = await withSession(call, {}, async (session) => {
    const name = await chooseName(session, textOption(call.options, 'name'));
    showLive(session, call.globals.debug);
    return withDeployment(session, { name, exclusive: false }, async (open) => {
      using deadline = Deadline.after(minutes * 60_000, session.clock, open.signal);
      const count = open.workers.length;
      const needed = minimum(atLeast, count) ?? Math.min(open.record.minWorkers ?? count, count);
      const info = { operation: 'pool-wait', deployment: name, totalSteps: needed };
      const seen = await asOperation(session, info, () => waitForPool(session, open, needed, deadline));
      return { record: open.record, workers: seen };
    });
  });
  return printResult(call, { deployment: record, workers }, statusLines(record, workers, call));
};
