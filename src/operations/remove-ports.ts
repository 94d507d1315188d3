import type { RemovePorts } from '../deployment/remove-group.js';
import type { Session } from '../session.js';

/** What removing a group needs where no deployment here could remember the operation: one that was killed begins it again. */
export function removePorts({ clients, clock, emit, retry }: Session): RemovePorts {
  const memory = { resumeToken: () => undefined, saveResumeToken: () => Promise.resolve() };
  return { arm: clients.arm, clock, emit, retry, memory };
}
