import { pipeline } from 'node:stream/promises';
import { realClock } from '../clock/real-clock.js';
import { fail } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import { createLabDial } from '../lab/lab-dial.js';
import type { CommandHandler } from './command.js';
import { runningLab } from './lab-home.js';

/** As long as ssh's own ConnectTimeout would usually be. */
const DIAL_MS = 30_000;

/** `waa lab dial HOST PORT`: joins stdin and stdout to an emulated VM; what ssh's ProxyCommand runs. */
export const handle: CommandHandler = async (call) => {
  const [host = '', portText = ''] = call.args;
  const port = Number(portText);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw fail('USAGE', { problem: `${portText} is no port`, hint: 'waa lab dial 20.0.0.4 22' });
  }
  const lab = await runningLab(call);
  using deadline = Deadline.after(DIAL_MS, realClock, call.surroundings.signal);
  const stream = await createLabDial(lab.network)(host, port, deadline);
  await Promise.race([pipeline(call.surroundings.stdin, stream), pipeline(stream, call.surroundings.stdout)]);
  return 0;
};
