import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockedBy, takeLock, type HeldLock, type LockRequest } from '../../../src/state/lock.js';
import { statePaths, type DeploymentPaths } from '../../../src/state/paths.js';

let home: string;
let paths: DeploymentPaths;
let held: HeldLock[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'waa-lock-'));
  paths = statePaths(home).deployment('mine');
  held = [];
});
afterEach(async () => {
  for (const lock of held) await lock.release();
  rmSync(home, { recursive: true, force: true });
});

function request(pid: number, alive: readonly number[] = [pid], host = 'here'): LockRequest {
  const me = { pid, host, command: `waa up ${pid}`, since: '2026-01-01T00:00:00Z' };
  return {
    deployment: 'mine',
    lock: paths.lock,
    lockHolder: paths.lockHolder,
    me,
    isAlive: (id) => alive.includes(id),
  };
}
async function take(of: LockRequest): Promise<HeldLock> {
  const lock = await takeLock(of);
  held.push(lock);
  return lock;
}
/** What a process leaves behind that was killed while it held the lock. */
function leaveBehind(pid: number, host: string, touchedSecondsAgo: number): void {
  mkdirSync(paths.lock, { recursive: true });
  const me = { pid, host, command: 'waa run', since: 'noon' };
  writeFileSync(paths.lockHolder, JSON.stringify({ schemaVersion: 1, data: me }));
  const touched = Date.now() / 1000 - touchedSecondsAgo;
  utimesSync(paths.lock, touched, touched);
}

describe('takeLock', () => {
  it('gives the lock to one and names the holder to the other', async () => {
    await take(request(1, [1, 2]));
    await expect(takeLock(request(2, [1, 2]))).rejects.toMatchObject({
      code: 'OWN_LOCKED',
      params: { deployment: 'mine', pid: 1, host: 'here', command: 'waa up 1' },
    });
  });

  it('can be taken again after it was released; releasing twice is harmless', async () => {
    const first = await take(request(1));
    await first.release();
    await first.release();
    expect(existsSync(paths.lockHolder)).toBe(false);
    await take(request(2));
    expect(await lockedBy({ ...request(2), host: 'here' })).toMatchObject({ pid: 2 });
  });

  it('takes over at once from a dead process of this host', async () => {
    leaveBehind(77, 'here', 0);
    await take(request(1, [1]));
    expect(await lockedBy({ ...request(1), host: 'here' })).toMatchObject({ pid: 1 });
  });

  it('does not take over from another host that touched its lock lately', async () => {
    leaveBehind(77, 'there', 0);
    await expect(takeLock(request(1, [1]))).rejects.toMatchObject({
      code: 'OWN_LOCKED',
      params: { host: 'there', pid: 77 },
    });
  });

  it('takes over from another host that did not touch its lock for long', async () => {
    leaveBehind(77, 'there', 60);
    await take(request(1, [1]));
    expect(await lockedBy({ ...request(1), host: 'here' })).toMatchObject({ pid: 1 });
  });

  it('gives a dead lock to exactly one of many that ask at once', async () => {
    leaveBehind(77, 'here', 0);
    const pids = [1, 2, 3, 4, 5];
    const taken = await Promise.allSettled(pids.map((pid) => take(request(pid, pids))));
    const lost = taken.filter((one) => one.status === 'rejected').map((one) => one.reason as { code: string });
    expect(taken.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    expect(lost.every((error) => error.code === 'OWN_LOCKED')).toBe(true);
  });

  it('is free when its taker was killed between naming itself and locking', async () => {
    leaveBehind(77, 'here', 0);
    rmSync(paths.lock, { recursive: true });
    await take(request(1, [1]));
    expect(await lockedBy({ ...request(1), host: 'here' })).toMatchObject({ pid: 1 });
  });

  it('names its holder at every moment of being taken and given back', async () => {
    const nameless: unknown[] = [];
    const watcher = setInterval(() => {
      if (existsSync(paths.lock) && !existsSync(paths.lockHolder)) nameless.push(1);
    }, 0);
    for (let round = 0; round < 20; round += 1) await (await takeLock(request(1))).release();
    clearInterval(watcher);
    expect(nameless).toEqual([]);
  });

  it('refuses when the holder is unknown', async () => {
    mkdirSync(paths.lock, { recursive: true });
    await expect(takeLock(request(1))).rejects.toMatchObject({ code: 'OWN_LOCKED', params: { pid: 0 } });
  });

  it('says why it cannot lock', async () => {
    writeFileSync(join(home, 'deployments'), '');
    await expect(takeLock(request(1))).rejects.toMatchObject({ code: 'OWN_STATE_UNWRITABLE' });
  });
});

describe('lockedBy', () => {
  it('is nobody when the lock is free, or its holder is dead', async () => {
    expect(await lockedBy({ ...request(1), host: 'here' })).toBeUndefined();
    leaveBehind(77, 'here', 0);
    expect(await lockedBy({ ...request(1), host: 'here' })).toBeUndefined();
    expect(await lockedBy({ ...request(1), host: 'elsewhere' })).toMatchObject({ pid: 77 });
  });
});
