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

/** Does something under the lock of a deployment, known or not, which is given back whatever happens. Raises OWN_LOCKED. */
export async function underLock<T>(session: Session, deployment: string, work: () => Promise<T>): Promise<T> {
  const lock = await lockDeployment(session, deployment);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** The command that changes a deployment now; undefined when none does. */
export function holderOf({ paths, surroundings }: Session, deployment: string): Promise<LockHolder | undefined> {
  const { hostName: host, isAlive } = surroundings;
  return lockedBy({ ...paths.deployment(deployment), host, isAlive });
}
