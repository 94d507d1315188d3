import { streamsOf } from '../execute.js';
import { paintConfig } from '../output/paint/config.js';
import type { CommandHandler } from './command.js';
import { flagOption } from './input.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** `waa config show [--origin]` */
export const handle: CommandHandler = async (call) => {
  const resolved = await withSession(call, {}, (session) => Promise.resolve(session.resolved));
  const style = streamsOf(call.surroundings, call.globals.color).stdout.style();
  const origin = flagOption(call.options, 'origin');
  return printResult(call, origin ? resolved.rows : resolved.config, paintConfig(resolved.rows, origin, style));
};
