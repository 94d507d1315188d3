import { wrap } from '../output/paint/text.js';
import { quietSweep } from '../operations/quiet-sweep.js';
import type { OpenOptions } from '../runtime/open-session.js';
import { openSession } from '../runtime/open-session.js';
import type { Session } from '../session.js';
import type { CommandCall } from './command.js';
import { hint } from './hints.js';

/**
 * Opens a session for the time of `work`; every consumer is flushed and closed before the result is printed. Beside the work
 * of a command that talks to Azure anyway it is looked for what was forgotten there; the finding goes to stderr.
 */
export async function withSession<T>(
  call: CommandCall,
  options: OpenOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(call, options);
  const sweeping = call.spec.sweeps === true ? quietSweep(session) : Promise.resolve([]);
  try {
    return await work(session);
  } finally {
    const told = await sweeping;
    await session.close();
    const { stderr } = session.streams;
    if (!session.json)
      for (const text of told)
        stderr.write(`${wrap(`Note: ${hint(call, text)}`, stderr.style().columns, '  ').join('\n')}\n`);
  }
}
