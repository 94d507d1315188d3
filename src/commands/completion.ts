import { fail } from '../failures/waa-error.js';
import type { CommandHandler } from './command.js';
import { createCompleter } from './complete.js';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'];

/** `waa completion <shell>`: prints the script that makes the shell ask `waa complete`. */
export const handle: CommandHandler = async ({ args }) => {
  const shell = args[0] ?? '';
  if (!SHELLS.includes(shell)) {
    throw fail('USAGE', {
      problem: `there is no completion for "${shell}"`,
      hint: `waa completion ${SHELLS.join(' | ')}`,
    });
  }
  (await createCompleter()).setup('waa', 'waa', shell);
  return 0;
};
