import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import lockfile from 'proper-lockfile';
import * as z from 'zod';
import { fail } from '../failures/waa-error.js';
import { errorCode, makePrivateDirectory, readState, removeEmpty, writeState, type StateKind } from './store.js';

const lockHolder = z.strictObject({
  pid: z.number().int(),
  host: z.string(),
  command: z.string(),
  /** ISO time. */
  since: z.string(),
});
/** The process that holds a lock, as another one is told. */
export type LockHolder = z.infer<typeof lockHolder>;
const kind: StateKind<LockHolder> = {
  what: 'the holder of the lock',
  version: 1,
  schema: lockHolder,
  without: 'the same command again; a lock that nobody keeps is free after 20 s',
};

export interface LockRequest {
  /** What is locked, for messages: the deployment's name. */
  readonly deployment: string;
  /** Lock directory and holder file, see `DeploymentPaths`. */
  readonly lock: string;
  readonly lockHolder: string;
  readonly me: LockHolder;
  /** Whether a process of this host is alive. */
  readonly isAlive: (pid: number) => boolean;
}

export interface HeldLock {
  /** Aborts with OWN_LOCK_LOST when another process may have taken over; stop changing things at once. */
  readonly lost: AbortSignal;
  /** Gives the lock back, and with it the folder when nothing else is left there; harmless when lost or released already. */
  release(): Promise<void>;
}

/** The holder touches its lock every 5 s; after 20 s without, whoever asks may take it. Real time: it crosses processes. */
const STALE_MS = 20_000;
const TOUCH_MS = 5_000;
/** The guard is held for some milliseconds only. 20 tries of 50-500 ms outlast a guard left by a killed process. */
const GUARD = { stale: 2_000, retries: { retries: 20, minTimeout: 50, maxTimeout: 500 } };

/**
 * Takes the lock of a deployment without waiting. Raises OWN_LOCKED naming the holder. The lock of a process of this
 * host that is dead is taken over at once, one of another host when it was not touched for 20 s.
 *
 * Taking happens under a second, short lock, the guard: else two that find the same dead holder could both take over.
 * Killed at any moment, a process leaves a lock that names it: the holder is written first when taking, removed last.
 */
export async function takeLock(request: LockRequest): Promise<HeldLock> {
  const leaveGuard = await enterGuard(request);
  try {
    return await takeGuarded(request);
  } finally {
    await leaveGuard();
  }
}

/** Who holds the lock now, for `waa status`; undefined when it is free or its holder is dead. */
export async function lockedBy(
  request: Pick<LockRequest, 'lock' | 'lockHolder' | 'isAlive'> & { readonly host: string },
): Promise<LockHolder | undefined> {
  if (!(await isHeld(request.lock))) return undefined;
  const holder = await readState(request.lockHolder, kind);
  return holder && isDead(holder, request.host, request.isAlive) ? undefined : holder;
}

async function takeGuarded(request: LockRequest): Promise<HeldLock> {
  const { deployment, me } = request;
  const lost = new AbortController();
  const onCompromised = (error: Error): void => {
    lost.abort(fail('OWN_LOCK_LOST', { deployment, problem: error.message }, { cause: error }));
  };
  const take = (): Promise<() => Promise<void>> =>
    lockfile.lock(request.lock, { ...direct(request.lock), stale: STALE_MS, update: TOUCH_MS, onCompromised });

  if (await isHeld(request.lock)) {
    const holder = await readState(request.lockHolder, kind);
    if (!holder || !isDead(holder, me.host, request.isAlive)) {
      const unknown = { pid: 0, host: 'an unknown host', command: 'unknown', since: 'unknown' };
      throw fail('OWN_LOCKED', { deployment, ...(holder ?? unknown) });
    }
    await rm(request.lock, { recursive: true, force: true });
  }
  await writeState(request.lockHolder, kind, me);
  const unlock = await take().catch((error: unknown) => {
    throw unwritable(request, error);
  });
  let released = false;
  return {
    lost: lost.signal,
    async release() {
      if (released || lost.signal.aborted) return;
      released = true;
      // Under the guard, so that the holder removed is not already the next one.
      const leaveGuard = await enterGuard(request);
      try {
        await unlock().catch((error: unknown) => {
          if (errorCode(error) !== 'ERELEASED' && errorCode(error) !== 'ENOTACQUIRED') throw error;
        });
        await rm(request.lockHolder, { force: true });
      } finally {
        await leaveGuard();
      }
      await removeEmpty(dirname(request.lock));
    },
  };
}

/** The files of a lock, which stay while it is held. */
export const lockFiles = ({ lock, lockHolder }: Pick<LockRequest, 'lock' | 'lockHolder'>): readonly string[] => [
  lock,
  lockHolder,
  guardOf(lock),
];

const guardOf = (lock: string): string => `${lock}.guard`;

const isHeld = (lock: string): Promise<boolean> => lockfile.check(lock, { ...direct(lock), stale: STALE_MS });

async function enterGuard(request: LockRequest): Promise<() => Promise<void>> {
  const guard = guardOf(request.lock);
  try {
    await makePrivateDirectory(dirname(guard));
    // The guard's own loss is harmless: all that follows is checked against the lock itself.
    return await lockfile
      .lock(guard, { ...direct(guard), ...GUARD, onCompromised: () => undefined })
      .then((unlock) => () => unlock().catch(() => undefined));
  } catch (error) {
    throw unwritable(request, error);
  }
}

/** The given path is itself the lock; nothing needs to exist there. */
function direct(path: string): { readonly realpath: false; readonly lockfilePath: string } {
  return { realpath: false, lockfilePath: path };
}

function isDead(holder: LockHolder, host: string, isAlive: (pid: number) => boolean): boolean {
  return holder.host === host && !isAlive(holder.pid);
}

function unwritable(request: LockRequest, error: unknown): Error {
  const problem = errorCode(error) ?? String(error);
  return fail('OWN_STATE_UNWRITABLE', { file: request.lock, what: 'the lock', problem }, { cause: error });
}
