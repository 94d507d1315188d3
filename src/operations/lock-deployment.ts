import type { Session } from '../session.js';
import { takeLock, type HeldLock } from '../state/lock.js';

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
