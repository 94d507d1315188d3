import { refuse } from '../../world/azure/arm-error.js';
import type { ManagementLock } from '../../world/azure/options.js';
import type { Method } from './context.js';

const covers = (outer: string, inner: string): boolean =>
  inner.toLowerCase() === outer.toLowerCase() || inner.toLowerCase().startsWith(`${outer.toLowerCase()}/`);

/** Locks that hold for a scope: set on it or above it. Below it, too: they bind what the scope contains. */
export const locksOver = (locks: readonly ManagementLock[], scope: string): readonly ManagementLock[] =>
  locks.filter((lock) => covers(lock.scope, scope) || covers(scope, lock.scope));

/** Raises 409 `ScopeLocked` for a deletion under any lock, and for any write or action under a read-only one. */
export function checkLocks(locks: readonly ManagementLock[], method: Method, scope: string): void {
  if (method === 'GET' || method === 'HEAD') return;
  const deleting = method === 'DELETE';
  const binding = locks.filter(
    (lock) =>
      (deleting || lock.level === 'ReadOnly') && (covers(lock.scope, scope) || (deleting && covers(scope, lock.scope))),
  );
  if (binding.length === 0) return;
  throw refuse(
    409,
    'ScopeLocked',
    `The scope '${scope}' cannot perform ${deleting ? 'delete' : 'write'} operation because following scope(s) are locked: ` +
      `'${binding.map((lock) => lock.scope).join(',')}'. Please remove the lock and try again.`,
  );
}
