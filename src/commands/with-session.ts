import type { OpenOptions } from '../runtime/open-session.js';
import { openSession } from '../runtime/open-session.js';
import type { Session } from '../session.js';
import type { CommandCall } from './command.js';

/** Opens a session for the time of `work`; every consumer is flushed and closed before the result is printed. */
export async function withSession<T>(
  call: CommandCall,
  options: OpenOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(call, options);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
