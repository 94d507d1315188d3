import { describe, expect, it } from 'vitest';
import { cleanUp } from '../../../src/deployment/clean-up.js';
import { newLease } from '../../../src/deployment/lease.js';
import { pausePool, resumePool } from '../../../src/deployment/lifecycle.js';
import type { LifecyclePorts, PoolWorker } from '../../../src/deployment/pool-worker.js';
import { removeWorker } from '../../../src/deployment/remove-worker.js';
import { fail } from '../../../src/failures/waa-error.js';
import { Deadline } from '../../../src/health/deadline.js';
import { retryPolicies } from '../../../src/retry/policies.js';
import { createRetrier } from '../../../src/retry/retry.js';
import { createFakeArm, vmOf } from '../../helpers/fake-arm-client.js';
import { createWorkerSetting } from '../../helpers/worker-setting.js';

const worker = (name: string): PoolWorker => ({
  worker: name,
  vmName: `waa-demo-${name}`,
  resourceGroup: 'waa-demo',
  region: 'eastus',
  tags: {},
});

function setUp(...workers: readonly string[]) {
  const setting = createWorkerSetting();
  const { clock, bus, memory } = setting;
  const arm = createFakeArm();
  const tags = { 'waa-deployment': 'demo' };
  arm.groups.set('waa-demo', { name: 'waa-demo', region: 'eastus', tags, provisioningState: 'Succeeded' });
  for (const one of workers) arm.machines.set(`waa-demo/waa-demo-${one}`, vmOf('waa-demo', `waa-demo-${one}`));
  const order: string[] = [];
  const quiesce: { fails: Set<string> } = { fails: new Set() };
  const ports: LifecyclePorts = {
    arm,
    clock,
    memory,
    emit: bus.emit,
    retry: createRetrier({ clock, policies: retryPolicies, emit: bus.emit, random: () => 0 }),
    quiesceWorker: (one) => {
      order.push(`quiesce ${one.worker}`);
      if (quiesce.fails.has(one.worker))
        return Promise.reject(fail('USAGE', { problem: 'Windows does not answer', hint: '' }));
      return Promise.resolve();
    },
  };
  const deadline = Deadline.after(1_800_000, clock);
  const powerOf = (name: string) => arm.machines.get(`waa-demo/waa-demo-${name}`)?.power;
  return { ...setting, arm, ports, deadline, order, quiesce, powerOf, pool: workers.map(worker) };
}

describe('pause', () => {
  it('shuts Windows down, then deallocates, and looks again', async () => {
    const { clock, ports, pool, deadline, order, powerOf, arm } = setUp('w0', 'w1');
    arm.onWait = (name) => order.push(name);
    const outcomes = await clock.runUntil(pausePool(ports, pool, deadline));
    expect(outcomes.map((one) => one.outcome)).toEqual(['done', 'done']);
    expect(order.indexOf('quiesce w0')).toBeLessThan(order.indexOf('deallocated waa-demo-w0'));
    expect([powerOf('w0'), powerOf('w1')]).toEqual(['deallocated', 'deallocated']);
  });

  it('twice does nothing the second time', async () => {
    const { clock, ports, pool, deadline, order } = setUp('w0');
    await clock.runUntil(pausePool(ports, pool, deadline));
    const again = await clock.runUntil(pausePool(ports, pool, deadline));
    expect(again).toEqual([{ worker: 'w0', outcome: 'already' }]);
    expect(order).toEqual(['quiesce w0']);
  });

  it('leaves a worker running whose Windows did not go down, and pauses the others', async () => {
    const { clock, ports, pool, deadline, quiesce, powerOf } = setUp('w0', 'w1');
    quiesce.fails.add('w0');
    const outcomes = await clock.runUntil(pausePool(ports, pool, deadline));
    expect(outcomes.map((one) => one.outcome)).toEqual(['failed', 'done']);
    expect([powerOf('w0'), powerOf('w1')]).toEqual(['running', 'deallocated']);
  });

  it('deallocates it all the same by force', async () => {
    const { clock, ports, pool, deadline, quiesce, powerOf } = setUp('w0');
    quiesce.fails.add('w0');
    await clock.runUntil(pausePool(ports, pool, deadline, { force: true }));
    expect(powerOf('w0')).toBe('deallocated');
  });

  it('deallocates a VM that somebody only stopped: it is still billed', async () => {
    const { clock, ports, pool, deadline, arm, order, powerOf } = setUp('w0');
    arm.machines.set('waa-demo/waa-demo-w0', vmOf('waa-demo', 'waa-demo-w0', 'stopped'));
    await clock.runUntil(pausePool(ports, pool, deadline));
    expect(order).toEqual([]);
    expect(powerOf('w0')).toBe('deallocated');
  });

  it('saves the token before it waits, keeps it when killed, and continues without a second request', async () => {
    const { clock, ports, pool, deadline, arm, tokens, order } = setUp('w0');
    const killed = new Error('SIGKILL');
    arm.onWait = () => {
      expect(tokens.has('deallocate:w0')).toBe(true);
      throw killed;
    };
    const [first] = await clock.runUntil(pausePool(ports, pool, deadline));
    expect(first).toMatchObject({ outcome: 'failed' });
    expect(tokens.has('deallocate:w0')).toBe(true);
    arm.onWait = () => undefined;
    await clock.runUntil(pausePool(ports, pool, deadline));
    expect(arm.calls.filter((call) => call.startsWith('beginDeallocateVm'))).toHaveLength(1);
    expect(order).toEqual(['quiesce w0']);
    expect(tokens.size).toBe(0);
  });

  it('shuts Windows down although a killed pause left its token behind on a VM that runs again', async () => {
    const { clock, ports, pool, deadline, arm, tokens, order, powerOf } = setUp('w0');
    arm.onWait = () => {
      throw new Error('SIGKILL');
    };
    await clock.runUntil(pausePool(ports, pool, deadline));
    expect(tokens.has('deallocate:w0')).toBe(true);
    arm.onWait = () => undefined;
    arm.machines.set('waa-demo/waa-demo-w0', vmOf('waa-demo', 'waa-demo-w0', 'running'));
    await clock.runUntil(pausePool(ports, pool, deadline));
    expect(order).toEqual(['quiesce w0', 'quiesce w0']);
    expect(powerOf('w0')).toBe('deallocated');
    expect(tokens.size).toBe(0);
  });

  it('begins again when Azure has forgotten the saved operation', async () => {
    const { clock, ports, pool, deadline, tokens, powerOf } = setUp('w0');
    tokens.set('deallocate:w0', 'long gone');
    await clock.runUntil(pausePool(ports, pool, deadline));
    expect(powerOf('w0')).toBe('deallocated');
    expect(tokens.size).toBe(0);
  });

  it('has nothing to do for a worker without a VM, and pauses the rest', async () => {
    const { clock, ports, deadline } = setUp('w1');
    const outcomes = await clock.runUntil(pausePool(ports, [worker('w0'), worker('w1')], deadline));
    expect(outcomes).toMatchObject([{ outcome: 'absent' }, { outcome: 'done' }]);
  });
});

describe('resume', () => {
  it('sets the shutdown schedule before it starts the VM', async () => {
    const { clock, ports, pool, deadline, arm, powerOf } = setUp('w0');
    arm.machines.set('waa-demo/waa-demo-w0', vmOf('waa-demo', 'waa-demo-w0', 'deallocated'));
    await clock.runUntil(resumePool(ports, pool, newLease(clock.now(), 2), deadline));
    expect(powerOf('w0')).toBe('running');
    expect(arm.schedules.get('waa-demo-w0')).toBe('0200');
    const at = (call: string): number => arm.calls.findIndex((one) => one.startsWith(call));
    expect(at('putShutdownSchedule')).toBeLessThan(at('beginStartVm'));
  });

  it('leaves a worker without a VM to the walk, which makes it', async () => {
    const { clock, ports, deadline, arm } = setUp();
    const outcomes = await clock.runUntil(resumePool(ports, [worker('w0')], newLease(clock.now(), 2), deadline));
    expect(outcomes).toEqual([{ worker: 'w0', outcome: 'absent' }]);
    expect(arm.schedules.size).toBe(0);
  });

  it('waits for a deallocation that is still going on', async () => {
    const { clock, ports, pool, deadline, arm, powerOf } = setUp('w0');
    arm.machines.set('waa-demo/waa-demo-w0', vmOf('waa-demo', 'waa-demo-w0', 'deallocating'));
    clock.schedule(60_000, () =>
      arm.machines.set('waa-demo/waa-demo-w0', vmOf('waa-demo', 'waa-demo-w0', 'deallocated')),
    );
    await clock.runUntil(resumePool(ports, pool, newLease(clock.now(), 2), deadline));
    expect(powerOf('w0')).toBe('running');
  });

  it('starts a VM that was stopped since a killed resume left its token behind', async () => {
    const { clock, ports, pool, deadline, arm, tokens, powerOf } = setUp('w0');
    const off = (): unknown => arm.machines.set('waa-demo/waa-demo-w0', vmOf('waa-demo', 'waa-demo-w0', 'deallocated'));
    off();
    arm.onWait = () => {
      throw new Error('SIGKILL');
    };
    await clock.runUntil(resumePool(ports, pool, newLease(clock.now(), 2), deadline));
    expect(tokens.has('start:w0')).toBe(true);
    arm.onWait = () => undefined;
    off();
    await clock.runUntil(resumePool(ports, pool, newLease(clock.now(), 2), deadline));
    expect(arm.calls.filter((call) => call.startsWith('beginStartVm'))).toHaveLength(2);
    expect(powerOf('w0')).toBe('running');
    expect(tokens.size).toBe(0);
  });

  it('says which worker Azure has no room for', async () => {
    const { clock, ports, pool, deadline, arm } = setUp('w0', 'w1');
    for (const one of pool) arm.machines.set(`waa-demo/${one.vmName}`, vmOf('waa-demo', one.vmName, 'deallocated'));
    arm.failures.set('beginStartVm', [
      fail('AZURE_QUOTA_EXCEEDED', { quota: 'cores', region: 'eastus', limit: 8, used: 8, required: 8 }),
    ]);
    const outcomes = await clock.runUntil(resumePool(ports, pool, newLease(clock.now(), 2), deadline));
    expect(outcomes).toMatchObject([
      { outcome: 'failed', fault: { code: 'AZURE_QUOTA_EXCEEDED' } },
      { outcome: 'done' },
    ]);
  });
});

describe('what is under way without a token', () => {
  it.each([
    ['deallocating', 'deallocated', 'beginDeallocateVm'],
    ['starting', 'running', 'beginStartVm'],
  ] as const)('%s is waited for, not begun again', async (now, end, begin) => {
    const { clock, ports, pool, deadline, arm, powerOf } = setUp('w0');
    arm.machines.set('waa-demo/waa-demo-w0', vmOf('waa-demo', 'waa-demo-w0', now));
    clock.schedule(60_000, () => arm.machines.set('waa-demo/waa-demo-w0', vmOf('waa-demo', 'waa-demo-w0', end)));
    const work =
      end === 'running'
        ? resumePool(ports, pool, newLease(clock.now(), 2), deadline)
        : pausePool(ports, pool, deadline);
    expect(await clock.runUntil(work)).toEqual([{ worker: 'w0', outcome: 'done' }]);
    expect(powerOf('w0')).toBe(end);
    expect(arm.calls.some((call) => call.startsWith(begin))).toBe(false);
  });
});

describe('clean-up', () => {
  const target = { deployment: 'demo', owner: 'ada', resourceGroup: 'waa-demo' };
  const home = { refuse: () => Promise.resolve() };

  it('deletes the group, tells what went and proves that nothing is left', async () => {
    const { clock, ports, deadline, arm, bus } = setUp('w0');
    const proof = await clock.runUntil(cleanUp(ports, target, deadline, home));
    expect(arm.groups.size).toBe(0);
    expect(proof.deleted.map((row) => row.name)).toEqual(['waa-demo-w0']);
    expect(proof.groupsLeft).toEqual([]);
    expect(bus.types().filter((type) => type === 'resource.deleted')).toHaveLength(2);
  });

  it('waits out a listing that lags behind', async () => {
    const { clock, ports, deadline, arm } = setUp('w0');
    arm.listingLag = 3;
    const before = clock.now();
    await clock.runUntil(cleanUp(ports, target, deadline, home));
    expect(clock.now() - before).toBe(45_000);
  });

  it('fails with what is left when the listing does not empty', async () => {
    const { clock, ports, deadline, arm } = setUp('w0');
    arm.listingLag = 1000;
    await expect(clock.runUntil(cleanUp(ports, target, deadline, home))).rejects.toMatchObject({
      code: 'AZURE_CLEANUP_INCOMPLETE',
      params: { left: 'ghost', count: 1 },
    });
  });

  it('deletes nothing when something speaks against it', async () => {
    const { clock, ports, deadline, arm } = setUp('w0');
    const away = fail('OWN_RESULTS_NOT_HOME', { run: 'r1', attempts: 3 });
    const refusal = cleanUp(ports, target, deadline, { refuse: () => Promise.reject(away) });
    await expect(clock.runUntil(refusal)).rejects.toBe(away);
    expect(arm.groups.has('waa-demo')).toBe(true);
  });

  it('never touches a group without our tag', async () => {
    const { clock, ports, deadline, arm } = setUp();
    arm.groups.set('waa-demo', { name: 'waa-demo', region: 'eastus', tags: {}, provisioningState: 'Succeeded' });
    await expect(clock.runUntil(cleanUp(ports, target, deadline, home))).rejects.toMatchObject({
      code: 'AZURE_NOT_OURS',
    });
    expect(arm.calls.some((call) => call.startsWith('delete'))).toBe(false);
  });

  it('of something that is gone gives the same proof', async () => {
    const { clock, ports, deadline, arm } = setUp();
    arm.groups.clear();
    expect((await clock.runUntil(cleanUp(ports, target, deadline, home))).groupsLeft).toEqual([]);
  });
});

describe('the token of a deletion that ended long ago', () => {
  /** An old deletion of Azure's that answers with its good end. */
  const endedWell = ({ arm, tokens }: Pick<ReturnType<typeof setUp>, 'arm' | 'tokens'>, key: string): void => {
    tokens.set(key, 'ended well');
    arm.resumeOperation = (token) => Promise.resolve({ name: 'delete', token, wait: () => Promise.resolve() });
  };

  it('is not continued for a VM that stands again', async () => {
    const { clock, ports, pool, deadline, arm, tokens } = setUp('w0');
    endedWell({ arm, tokens }, 'delete:w0');
    const [only] = pool;
    if (only) await clock.runUntil(removeWorker(ports, 'demo', only, deadline));
    expect(arm.calls).toContain('beginDeleteVm(waa-demo-w0)');
    expect(arm.machines.size).toBe(0);
    expect(tokens.size).toBe(0);
  });

  it('is not continued for a group that stands again', async () => {
    const { clock, ports, deadline, arm, tokens } = setUp('w0');
    endedWell({ arm, tokens }, 'delete:waa-demo');
    const target = { deployment: 'demo', owner: 'ada', resourceGroup: 'waa-demo' };
    await clock.runUntil(cleanUp(ports, target, deadline, { refuse: () => Promise.resolve() }));
    expect(arm.groups.size).toBe(0);
    expect(tokens.size).toBe(0);
  });

  it('is continued while the VM is being deleted', async () => {
    const { clock, ports, pool, deadline, arm, tokens } = setUp('w0');
    const key = 'waa-demo/waa-demo-w0';
    arm.machines.set(key, vmOf('waa-demo', 'waa-demo-w0', 'running', { provisioningState: 'Deleting' }));
    endedWell({ arm, tokens }, 'delete:w0');
    clock.schedule(30_000, () => arm.machines.delete(key));
    const [only] = pool;
    if (only) await clock.runUntil(removeWorker(ports, 'demo', only, deadline));
    expect(arm.calls).not.toContain('beginDeleteVm(waa-demo-w0)');
  });
});

it('leaves the shutdown schedule alone as long as its VM is listed', async () => {
  const { clock, ports, pool, deadline, arm } = setUp('w0');
  const name = 'shutdown-computevm-waa-demo-w0';
  let schedule = [{ id: 'x', name, type: 'Microsoft.DevTestLab/schedules', tags: {} }];
  const list = arm.listResources.bind(arm);
  arm.listResources = async (group, own) => [...(await list(group, own)), ...schedule];
  arm.deleteResource = () => {
    expect(arm.machines.size).toBe(0);
    schedule = [];
    return Promise.resolve();
  };
  // Azure ends the operation, and goes on listing the VM for a while.
  arm.beginDeleteVm = () => Promise.resolve({ name: 'delete', token: 't', wait: () => Promise.resolve() });
  clock.schedule(60_000, () => arm.machines.clear());
  const [only] = pool;
  if (only) await clock.runUntil(removeWorker(ports, 'demo', only, deadline));
  expect(schedule).toEqual([]);
});
