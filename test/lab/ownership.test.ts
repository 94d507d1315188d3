import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRunStore } from '../../src/benchmark/run-store.js';
import type { ArmClient } from '../../src/clients/arm/arm.js';
import type { PricesClient } from '../../src/clients/prices/prices.js';
import { fail } from '../../src/failures/waa-error.js';
import { Deadline } from '../../src/health/deadline.js';
import { adopt } from '../../src/operations/adopt.js';
import { deploymentCosts } from '../../src/operations/cost-report.js';
import { lockDeployment } from '../../src/operations/lock-deployment.js';
import { prepareRecord } from '../../src/operations/prepare-record.js';
import { proveNewHosts } from '../../src/operations/prove-new-hosts.js';
import { quietSweep } from '../../src/operations/quiet-sweep.js';
import { inventory } from '../../src/operations/resources.js';
import { lookAtSpend } from '../../src/operations/spend.js';
import { sweep } from '../../src/operations/sweep.js';
import { takeDown, takeDownForgotten } from '../../src/operations/take-down.js';
import { withDeployment } from '../../src/operations/with-deployment.js';
import type { Session } from '../../src/session.js';
import { deploymentNames, loadDeployment, type HostsRecord } from '../../src/state/deployment.js';
import { appendSpend } from '../../src/state/spend.js';
import { startLabRig, type LabRig } from '../helpers/lab-session.js';
import { fixtureHead } from '../helpers/run-fixture.js';

const DAY = 24 * 3_600_000;
/** Nobody listens there. */
const HOSTS: HostsRecord = {
  addresses: [{ host: '127.0.0.1', port: 1, user: 'nobody' }],
  ...{ dataDirectory: '/nowhere', dockerSocket: '/nowhere', installDocker: false, allowTcg: false },
};
/** Of lab time. Real time that a busy machine takes is lab time too: this is never what ends a test. */
const LIMIT_MS = 2 * DAY;

/** Every record can be read. */
const noNote = (note: string): never => {
  throw new Error(note);
};

let rig: LabRig;
let session: Session;
let deadline: Deadline;
beforeEach(async () => {
  rig = await startLabRig({}, { WAA_AZURE_AUTO_PAUSE_HOURS: '23', WAA_AZURE_IDLE_PAUSE_MINUTES: '0' });
  ({ session } = await rig.open());
  deadline = Deadline.after(LIMIT_MS, session.clock, session.signal);
});
afterEach(async () => {
  deadline[Symbol.dispose]();
  await session.close();
  await rig.close();
});

const iso = (fromNowMs: number): string => new Date(session.clock.now() + fromNowMs).toISOString();
const putGroup = (name: string, tags: Record<string, string>) =>
  session.clients.arm.putResourceGroup(`waa-${name}`, 'eastus', tags, deadline);
const ofTester = (name: string, expiresInMs: number, more: Record<string, string> = {}) =>
  putGroup(name, {
    'waa-deployment': name,
    'waa-owner': 'tester',
    'waa-created': iso(-30 * DAY),
    'waa-expires': iso(expiresInMs),
    ...more,
  });
const withArm = (part: Partial<ArmClient>): Session => ({
  ...session,
  clients: { ...session.clients, arm: { ...session.clients.arm, ...part } },
});
const groupNames = () => rig.lab.summary().groups.map(({ name }) => name);

describe('a sweep', () => {
  it('of nothing finds nothing', async () => {
    expect(await sweep(session, { dryRun: false, everyone: true }, deadline)).toEqual({
      looked: 0,
      findings: [],
      strays: [],
    });
  });

  it('announces what nobody used for 14 days, deletes it a day later, and touches nothing of others', async () => {
    await ofTester('old', -DAY);
    await ofTester('announced', -3 * DAY, { 'waa-notice': iso(-2 * DAY) });
    await ofTester('young', 10 * DAY);
    await putGroup('hers', {
      'waa-deployment': 'hers',
      'waa-owner': 'bob',
      'waa-expires': iso(-90 * DAY),
      'waa-notice': iso(-9 * DAY),
    });
    await putGroup('plain', { project: 'x' });
    const all = groupNames();

    const planned = await sweep(session, { dryRun: true, everyone: false }, deadline);
    const acts = planned.findings.filter(({ action }) => action !== 'none');
    expect(acts.map(({ deployment, action, outcome }) => `${deployment} ${action} ${outcome}`).sort()).toEqual([
      'announced delete planned',
      'old notice planned',
    ]);
    expect(groupNames()).toEqual(all);

    await sweep(session, { dryRun: false, everyone: false }, deadline);
    expect(groupNames().sort()).toEqual(['waa-hers', 'waa-old', 'waa-plain', 'waa-young']);
    const again = await sweep(session, { dryRun: false, everyone: false }, deadline);
    expect(again.findings.filter(({ action }) => action !== 'none')).toEqual([]);
  });

  it('takes one of the same name on hosts, or of another time, for another deployment', async () => {
    await prepareRecord(session, 'hosts', { hosts: HOSTS });
    await prepareRecord(session, 'later');
    const notice = { 'waa-notice': iso(-2 * DAY) };
    for (const name of ['hosts', 'later']) await ofTester(name, -3 * DAY, notice);
    const { findings } = await sweep(session, { dryRun: false, everyone: false }, deadline);
    expect(findings.map(({ deployment, action, outcome }) => `${deployment} ${action} ${outcome}`)).toEqual([
      'hosts delete done',
      'hosts none told',
      'later delete done',
      'later none told',
    ]);
    expect(groupNames()).toEqual([]);
    expect(await deploymentNames(session.paths)).toEqual(['hosts', 'later']);
  });

  it('judges the others when what is known of one is damaged, and tells of that one, beside a command too', async () => {
    for (const name of ['bad', 'good']) await ofTester(name, -3 * DAY, { 'waa-notice': iso(-2 * DAY) });
    const { directory, record } = session.paths.deployment('bad');
    mkdirSync(directory, { recursive: true });
    writeFileSync(record, '{');
    expect((await quietSweep(session)).join('\n')).toContain('bad: what is known of it here cannot be read');
    const { findings } = await sweep(session, { dryRun: false, everyone: false }, deadline);
    expect(findings).toMatchObject([
      { deployment: 'bad', action: 'none', outcome: 'failed', fault: { code: 'OWN_STATE_CORRUPT' } },
      { deployment: 'good', action: 'delete', outcome: 'done' },
      { deployment: 'good', action: 'none', outcome: 'told' },
    ]);
    expect(groupNames()).toEqual(['waa-bad']);
  });

  it('judges the others when one may not be looked into, and names the strays of nobody else', async () => {
    for (const name of ['bad', 'good']) await ofTester(name, -3 * DAY, { 'waa-notice': iso(-2 * DAY) });
    const fault = fail('AZURE_PERMISSION_DENIED', { action: 'read', scope: 'waa-bad' });
    const stray = (name: string, owner: string) => {
      const id = `/subscriptions/s/resourceGroups/other/providers/Microsoft.Network/publicIPAddresses/${name}`;
      return {
        id,
        name,
        type: 'Microsoft.Network/publicIPAddresses',
        tags: { 'waa-deployment': 'x', 'waa-owner': owner },
      };
    };
    const limited = withArm({
      getShutdownSchedule: () => Promise.reject(fault),
      listVms: (group, own) => (group === 'waa-bad' ? Promise.reject(fault) : session.clients.arm.listVms(group, own)),
      listTagged: () => Promise.resolve([stray('hers', 'bob'), stray('mine', 'Tester')]),
    });
    const { findings, strays } = await sweep(limited, { dryRun: false, everyone: false }, deadline);
    expect(findings.slice(0, 2)).toMatchObject([
      { deployment: 'bad', action: 'none', outcome: 'failed', fault: { code: fault.code } },
      { deployment: 'good', action: 'delete', outcome: 'done' },
    ]);
    expect(strays).toEqual([stray('mine', 'tester').id]);
    await expect(inventory(limited, false, deadline)).rejects.toBe(fault);
  });

  it('does nothing by a clock that is wrong', async () => {
    await ofTester('announced', -3 * DAY, { 'waa-notice': iso(-2 * DAY) });
    const late = withArm({ clockOffset: () => Promise.resolve({ aheadMs: -15 * DAY, uncertainMs: 1000 }) });
    await expect(sweep(late, { dryRun: false, everyone: false }, deadline)).rejects.toMatchObject({
      code: 'OWN_CLOCK_WRONG',
    });
    expect(groupNames()).toEqual(['waa-announced']);
  });

  it('beside a command only tells, at most once an hour, and a failure is no failure of the command', async () => {
    await ofTester('old', -DAY);
    const told = await quietSweep(session);
    expect(told.join('\n')).toContain('old: paused for 15 days; it will be deleted');
    expect(await quietSweep(session)).toEqual([]);
    expect(groupNames()).toEqual(['waa-old']);
    rmSync(join(session.paths.cache, 'swept'));
    rig.lab.world.faults.arm({ id: 'azure-throttled', times: 50 });
    expect(await quietSweep(session)).toEqual([]);
  });
});

describe('a deployment that was made in another subscription than the one in use', () => {
  it('is priced and deleted where it stands', async () => {
    await prepareRecord(session, 'test');
    const record = await loadDeployment(session.paths, 'test');
    await ofTester('test', 10 * DAY, { 'waa-created': record.createdAt });
    const elsewhere = await rig.open({ subscriptionId: '5a6b1c2d-0000-4000-8000-1ab0000000ff' });
    const { arm } = elsewhere.session.clients;
    await expect(arm.listResourceGroups('waa-deployment', deadline)).rejects.toMatchObject({
      code: 'AZURE_SUBSCRIPTION_NOT_FOUND',
    });
    expect(await lookAtSpend(elsewhere.session, record)).toMatchObject({ totalUsd: 0 });
    await withDeployment(elsewhere.session, { name: 'test', exclusive: true }, (open) =>
      takeDown(elsewhere.session, open, false, deadline),
    );
    expect(groupNames()).toEqual([]);
    await elsewhere.session.close();
  });
});

describe('the lock of a deployment', () => {
  it('guards a new one on hosts from the second `up`, and the hosts that cannot be used are forgotten', async () => {
    expect(await prepareRecord(session, 'test', { hosts: HOSTS })).toBe(true);
    const first = await lockDeployment(session, 'test');
    await expect(prepareRecord(session, 'test', { hosts: HOSTS })).rejects.toMatchObject({ code: 'OWN_LOCKED' });
    await expect(proveNewHosts(session, 'test')).rejects.toMatchObject({ code: 'OWN_LOCKED' });
    expect(await deploymentNames(session.paths)).toEqual(['test']);
    await first.release();
    expect(await prepareRecord(session, 'test', { hosts: HOSTS })).toBe(false);
    const fault = fail('VM_SSH_REFUSED', { host: '127.0.0.1', port: 1 });
    const refused: Session = {
      ...session,
      stacks: (file) => (plan, options) => {
        const stack = session.stacks(file)(plan, options);
        const check = () => Promise.resolve({ state: 'unhealthy', fault } as const);
        return { ...stack, layers: stack.layers.map((layer) => ({ ...layer, check })) };
      },
    };
    await expect(proveNewHosts(refused, 'test')).rejects.toBe(fault);
    expect(await deploymentNames(session.paths)).toEqual([]);
  });

  it('is held before the record is read: what another process wrote until then counts', async () => {
    await prepareRecord(session, 'test');
    const { record: file } = session.paths.deployment('test');
    const late: Session = {
      ...session,
      // Asked for between the first look at the record and the lock.
      get command() {
        writeFileSync(file, readFileSync(file, 'utf8').replace('"creating"', '"paused"'));
        return 'late';
      },
    };
    const intent = await withDeployment(late, { name: 'test', exclusive: true }, async (open) => {
      await open.change({ minWorkers: 1 });
      return open.record.intent;
    });
    expect(intent).toBe('paused');
    expect(await loadDeployment(session.paths, 'test')).toMatchObject({ intent: 'paused', minWorkers: 1 });
  });
});

describe('what was deleted', () => {
  const bill = (deployment: string, createdAt: string) =>
    appendSpend(session.paths.spend, [
      {
        ...{ v: 1, at: session.clock.now() - DAY, deployment, createdAt, worker: 'w0', power: 'billed' },
        ...{ vmSize: 'Standard_D8ds_v5', region: 'eastus', vmUsdPerHour: 1, storageUsdPerDay: 1 },
        ...{ source: 'retail', asOf: '2026-01-01' },
      },
    ]);
  const states = async () =>
    (await deploymentCosts(session, undefined, noNote)).map(({ deployment, state }) => `${deployment} ${state}`);

  it('costs nothing more, though no price could be had', async () => {
    await prepareRecord(session, 'test');
    const { createdAt } = await loadDeployment(session.paths, 'test');
    await ofTester('test', 10 * DAY, { 'waa-created': createdAt });
    await bill('test', createdAt);
    const priceless: PricesClient = {
      vmPrice: () => Promise.reject(fail('BUG', { what: 'no price' })),
      storagePerDay: () => Promise.reject(fail('BUG', { what: 'no price' })),
      itemPerDay: () => Promise.reject(fail('BUG', { what: 'no price' })),
    };
    const poor = { ...session, clients: { ...session.clients, prices: priceless } };
    await withDeployment(poor, { name: 'test', exclusive: true }, (open) => takeDown(poor, open, false, deadline));
    expect(await states()).toEqual(['test deleted']);
  });

  it('costs nothing more without a record either, and is kept while results are not home', async () => {
    const made = { 'waa-created': iso(-30 * DAY) };
    for (const name of ['swept', 'downed', 'kept'])
      await ofTester(name, -3 * DAY, { ...made, 'waa-notice': iso(-2 * DAY) });
    for (const name of ['swept', 'downed']) await bill(name, made['waa-created']);
    const run = await openRunStore(session.paths.run('r1').directory, { ...fixtureHead, deployment: 'kept' });
    run.append({ type: 'started', at: session.clock.now(), task: 'clock/one', attempt: 1, worker: 'w0' });
    await run.close();

    expect(await takeDownForgotten(session, 'downed', false, deadline)).toMatchObject({ groupsLeft: [] });
    const { findings } = await sweep(session, { dryRun: false, everyone: false }, deadline);
    const acts = findings.filter(({ action }) => action === 'delete');
    expect(acts.map(({ deployment, outcome }) => `${deployment} ${outcome}`)).toEqual(['swept done', 'kept failed']);
    expect(await states()).toEqual(['swept deleted', 'downed deleted']);
    await takeDownForgotten(session, 'kept', true, deadline);
    expect(groupNames()).toEqual([]);
  });
});

describe('adoption', () => {
  it('rebuilds a lost state from tags, so that the deployment can be priced and deleted', async () => {
    await rig.up();
    rmSync(session.paths.deployment('test').directory, { recursive: true });
    await expect(prepareRecord(session, 'test')).rejects.toMatchObject({ code: 'OWN_DEPLOYMENT_ELSEWHERE' });
    const { record, wasKnown } = await adopt(session, undefined, deadline);
    expect(wasKnown).toBe(false);
    expect(record).toMatchObject({
      name: 'test',
      workers: ['w0'],
      vmSize: 'Standard_D8ds_v5',
      intent: 'ready',
      owner: 'tester',
    });
    expect((await adopt(session, 'test', deadline)).wasKnown).toBe(true);

    // `up` on it finds everything ready: one VM, created once.
    const again = await rig.up();
    expect(again.error).toBeUndefined();
    const { operations } = rig.lab.summary();
    expect(operations.filter(({ kind, name }) => kind === 'create' && name === 'waa-test-w0')).toMatchObject([
      { count: 1 },
    ]);

    // Time goes on while it is priced.
    const hours = (): number => (rig.lab.summary().billed[0]?.billedMs ?? 0) / 3_600_000;
    const before = hours();
    const [cost] = await deploymentCosts(session, 'test', noNote);
    expect(cost?.cost.billedHours).toBeGreaterThan(before - 0.5);
    expect(cost?.cost.billedHours).toBeLessThan(hours() + 0.5);
    const listed = await inventory(session, false, deadline);
    expect(listed.resources.map((row) => row.type.split('/')[1]).sort()).toEqual([
      'disks',
      'disks',
      'networkInterfaces',
      'networkSecurityGroups',
      'publicIPAddresses',
      'schedules',
      'virtualMachines',
      'virtualNetworks',
    ]);
    expect(listed.usdPerDay).toBeGreaterThan(10);

    await withDeployment(session, { name: 'test', exclusive: true }, (open) =>
      takeDown(session, open, false, deadline),
    );
    expect(groupNames()).toEqual([]);
    const [after] = await deploymentCosts(session, 'test', noNote);
    expect(after).toMatchObject({ state: 'deleted', cost: { hourlyUsd: 0 } });
  });

  it('of something unknown names what there is; of something foreign it is refused; nothing changes', async () => {
    await ofTester('baseline', 10 * DAY);
    await putGroup('hers', { 'waa-deployment': 'hers', 'waa-owner': 'bob' });
    await putGroup('plain', { project: 'x' });
    await expect(adopt(session, 'baselin', deadline)).rejects.toMatchObject({
      code: 'OWN_ADOPT_UNKNOWN',
      params: { hint: 'waa adopt baseline' },
    });
    await expect(adopt(session, 'hers', deadline)).rejects.toMatchObject({ code: 'AZURE_NOT_OURS' });
    await expect(adopt(session, 'plain', deadline)).rejects.toMatchObject({ code: 'AZURE_NOT_OURS' });
    await ofTester('leaving', 10 * DAY);
    const leaving = rig.lab.world.azure.groups.get('waa-leaving');
    if (leaving) leaving.provisioningState = 'Deleting';
    await expect(adopt(session, 'leaving', deadline)).rejects.toMatchObject({
      code: 'OWN_ADOPT_UNKNOWN',
      params: { hint: expect.stringContaining('being deleted') },
    });
    await expect(prepareRecord(session, 'hers')).rejects.toMatchObject({ code: 'AZURE_NOT_OURS' });
    await expect(session.clients.arm.listVms('waa-hers', deadline)).resolves.toEqual([]);
    await prepareRecord(session, 'twice', { hosts: HOSTS });
    await ofTester('twice', 10 * DAY);
    await expect(adopt(session, 'twice', deadline)).rejects.toMatchObject({ code: 'USAGE' });
    expect(await adopt(session, 'baseline', deadline)).toMatchObject({
      record: { intent: 'creating', workers: ['w0'] },
    });
  });
  it('writes nothing while another command works on a deployment of that name', async () => {
    await ofTester('baseline', 10 * DAY);
    const held = await lockDeployment(session, 'baseline');
    await expect(adopt(session, 'baseline', deadline)).rejects.toMatchObject({ code: 'OWN_LOCKED' });
    await held.release();
    expect(await deploymentNames(session.paths)).toEqual([]);
    expect((await adopt(session, 'baseline', deadline)).wasKnown).toBe(false);
  });
});
