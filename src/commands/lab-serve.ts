import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { realClock } from '../clock/real-clock.js';
import { startLab } from '../lab/lab.js';
import { publishLab, withdrawLab } from '../lab/lab-handle.js';
import type { CommandHandler } from './command.js';
import { numberOption, textOption } from './input.js';
import { labDirectoryOf } from './lab-home.js';

/** A lab whose folder was deleted cannot be found by anybody any more; within a minute it ends by itself. */
const FORGOTTEN_EVERY_MS = 30_000;

async function stopWhenForgotten(directory: string, signal: AbortSignal, stop: () => void): Promise<void> {
  while (!signal.aborted) {
    try {
      await realClock.sleep(FORGOTTEN_EVERY_MS, signal);
      await access(directory);
    } catch {
      // Stopped already, or the folder is gone: either way nothing is left to serve.
      stop();
      return;
    }
  }
}

/** `waa lab serve`: runs a lab in this process until a signal or `waa lab stop` ends it. */
export const handle: CommandHandler = async (call) => {
  const { options, surroundings } = call;
  const given = textOption(options, 'directory');
  const directory = given === undefined ? labDirectoryOf(call) : resolve(surroundings.cwd, given);
  const scale = numberOption(options, 'scale', { min: 1, max: 2000 });
  const seed = numberOption(options, 'seed', { min: 0, max: 2 ** 31, integer: true });
  const slackRealMs = numberOption(options, 'slack', { min: 0, max: 600_000 });
  const lab = await startLab({
    pid: surroundings.pid,
    ...(scale === undefined ? {} : { scale }),
    ...(seed === undefined ? {} : { seed }),
    ...(slackRealMs === undefined ? {} : { slackRealMs }),
  });
  if (!(await publishLab(directory, lab.endpoints))) {
    lab.stop();
    await lab.stopped;
    return 0;
  }
  const onAbort = (): void => {
    lab.stop();
  };
  surroundings.signal.addEventListener('abort', onAbort, { once: true });
  const watching = new AbortController();
  const watch = stopWhenForgotten(directory, watching.signal, lab.stop);
  await lab.stopped;
  watching.abort(new Error('the lab is stopped'));
  await watch;
  await withdrawLab(directory);
  return 0;
};
