import type { Session } from '../session.js';
import { lockedBy, takeLock, type HeldLock, type LockHolder } from '../state/lock.js';

/** Takes the lock of a deployment, known or not, for this invocation. Raises OWN_LOCKED naming the holder. */
export async function lockDeployment(
  { clock, command, paths, surroundings }: Session,
  deployment: string,
): Promise<HeldLock> {
  const { lock, lockHolder } = paths.deployment(deployment);
  const { hostName: host, isAlive, pid } = surroundings;
  const me = { pid, host, command: `waa ${command}`, since: new Date(clock.now()).toISOString() };
  return takeLock({ deployment, lock, lockHolder, isAlive, me });
}

/** The command that changes a deployment now; undefined when none does. */
export function holderOf({ paths, surroundings }: Session, deployment: string): Promise<LockHolder | undefined> {
  const { hostName: host, isAlive } = surroundings;
  return lockedBy({ ...paths.deployment(deployment), host, isAlive });
}
