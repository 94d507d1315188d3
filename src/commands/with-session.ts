import { quietSweep } from '../operations/quiet-sweep.js';
import type { OpenOptions } from '../runtime/open-session.js';
import { openSession } from '../runtime/open-session.js';
import type { Session } from '../session.js';
import type { CommandCall } from './command.js';
import { hint } from './hints.js';
import { notesTo } from './notes.js';

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
    if (!session.json) told.map((text) => hint(call, text)).forEach(notesTo(session));
  }
}
