import type { RootCommand } from '@bomb.sh/tab';
import type { CommandHandler } from './command.js';

/** The completion engine over the command table. It prints to standard output itself. */
export async function createCompleter(): Promise<RootCommand> {
  const [{ default: tab }, { buildProgram }] = await Promise.all([
    import('@bomb.sh/tab/commander'),
    import('../program.js'),
  ]);
  // The library adds its own `completion` and `complete`; ours would stand twice.
  return tab(
    buildProgram('', () => undefined, ['completion', 'complete']),
    { completionCommandName: 'completion' },
  );
}

/** `waa complete -- words`: what the shell's script asks at each Tab. */
export const handle: CommandHandler = async ({ args }) => {
  (await createCompleter()).parse([...args]);
  return 0;
};
