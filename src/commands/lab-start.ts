import { realClock } from '../clock/real-clock.js';
import { Deadline } from '../health/deadline.js';
import { startLab } from '../lab/lab-handle.js';
import type { CommandHandler } from './command.js';
import { hint } from './hints.js';
import { numberOption } from './input.js';
import { labDirectoryOf } from './lab-home.js';
import { printResult } from './print-result.js';

/** A lab listens within two seconds; thirty allow for a machine that is busy with something else. */
const START_MS = 30_000;

/** `waa lab start` */
export const handle: CommandHandler = async (call) => {
  const scale = numberOption(call.options, 'scale', { min: 1, max: 2000 });
  const seed = numberOption(call.options, 'seed', { min: 0, max: 2 ** 31, integer: true });
  using deadline = Deadline.after(START_MS, realClock, call.surroundings.signal);
  const { self, env } = call.surroundings;
  const lab = await startLab(
    {
      directory: labDirectoryOf(call),
      self,
      env,
      ...(scale === undefined ? {} : { scale: String(scale) }),
      ...(seed === undefined ? {} : { seed: String(seed) }),
    },
    realClock,
    deadline,
  );
  const { armUrl, pid, time } = lab;
  return printResult(call, { pid, armUrl, scale: time.scale }, [
    `The lab runs: process ${pid}, time ${time.scale} times faster than real.`,
    'Use it with --lab on any command, or set WAA_LAB=1:',
    hint(call, '  waa --lab preflight'),
    hint(call, '  waa --lab up'),
    hint(call, 'End it with: waa lab stop'),
  ]);
};
