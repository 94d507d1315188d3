import { mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { defaultAzureOptions } from '../../src/lab/world/azure/options.js';
import { remove } from '../../src/lab/world/azure/state.js';
import { deallocateVm } from '../../src/lab/world/azure/vm-power.js';
import { fail } from '../../src/failures/waa-error.js';
import { deploymentCosts } from '../../src/operations/cost-report.js';
import { pauseDeployment } from '../../src/operations/pause.js';
import { resumeDeployment } from '../../src/operations/resume.js';
import { intendScale, removeLeaving } from '../../src/operations/scale.js';
import { readSpend } from '../../src/state/spend.js';
import { startLabRig, type LabRig } from '../helpers/lab-session.js';
import { runWithEvictions, vmsOf, withPool } from '../helpers/pool.js';

/** Every record can be read. */
const noNote = (note: string): never => {
  throw new Error(note);
};

let rig: LabRig | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

const namesIn = ({ lab }: LabRig): readonly string[] =>
  lab.world.azure.summary().groups.flatMap((group) => group.resources.map(({ name }) => name));

it('keeps workers warm: made ready, deallocated, and taken first when the pool grows, with the Windows they have', async () => {
  rig = await startLabRig();
  const install = (vmName: string) =>
    rig?.lab.world.azure.findMachine(vmName)?.spec.dataDisks[0]?.disk.data.get('dockur:/data/waa/storage');
  const cold = await withPool(rig, { count: 2, cooling: ['w1'] }, async (up) => {
    const pool = await up.bringUp();
    expect(up.open.record).toMatchObject({ workers: ['w0'], cooling: [], warm: ['w1'], intent: 'ready' });
    return pool.outputs.map(({ worker }) => worker);
  });
  expect(cold).toEqual(['w0']);
  expect(vmsOf(rig).map(({ name, power }) => [name, power])).toEqual([
    ['waa-test-w0', 'running'],
    ['waa-test-w1', 'deallocated'],
  ]);
  const before = install('waa-test-w1');
  expect(before).toMatchObject({ stage: 'installed', dirty: false });
  await withPool(rig, { count: 1 }, ({ session, open }) =>
    intendScale(session, open, 2, { force: false, minWorkers: undefined }),
  );
  const { pool, told } = await withPool(rig, { count: 2 }, async (up) => {
    const grown = await up.bringUp();
    expect(up.open.record).toMatchObject({ workers: ['w0', 'w1'], warm: [] });
    return { pool: grown, told: up.events.filter(({ worker }) => worker === 'w1').map(({ text }) => text) };
  });
  expect(pool.outputs.map(({ worker }) => worker)).toEqual(['w0', 'w1']);
  expect(told.join('\n')).not.toMatch(/pulling|installing|creating VM/i);
  expect(install('waa-test-w1')).toBe(before);
});

it('a worker that finds no quota is left out where fewer are enough, and stops the pool where not', async () => {
  const quotas = { ...defaultAzureOptions.quotas, cores: 16 };
  rig = await startLabRig({ azure: { quotas } });
  const { first, second, events } = await withPool(rig, { count: 3 }, async (up) => {
    const refused: unknown = await up.bringUp().catch((thrown: unknown) => thrown);
    await up.open.change({ minWorkers: 2 });
    return { first: refused, second: await up.bringUp(), events: up.events };
  });
  expect(first).toMatchObject({ code: 'OWN_POOL_INCOMPLETE', params: { ready: 2, workers: 3, needed: 3 } });
  expect(second.outputs).toHaveLength(2);
  expect(second.failed).toMatchObject([{ fault: { code: 'AZURE_QUOTA_EXCEEDED' } }]);
  // What they share was made once, not once a worker.
  const puts = (what: RegExp) =>
    events.filter((event) => event.type === 'arm.request' && event.data.method === 'PUT' && what.test(event.data.path));
  expect(puts(/resourcegroups\/waa-test$/i).length).toBe(1);
  expect(puts(/virtualNetworks\/waa-vnet$/i).length).toBe(1);
});

it('shrinking refuses while results are not home, then deletes the last workers and nothing else', async () => {
  rig = await startLabRig();
  const lab = rig;
  await withPool(lab, { count: 3 }, async ({ open, session, deadline, ...up }) => {
    await up.bringUp();
    const before = namesIn(lab);
    const { directory, queue, record } = session.paths.run('r');
    mkdirSync(directory, { recursive: true });
    const head = { runId: 'r', createdAt: '2026-01-01T00:00:00Z', deployment: 'test', tasks: ['notepad/a'] };
    const rest = { agent: 'navi', provider: 'openai', model: 'gpt-4o', maxSteps: 15, taskTimeoutS: 600 };
    writeFileSync(record, JSON.stringify({ schemaVersion: 1, data: { ...head, ...rest } }));
    const started = { type: 'started', at: 1, task: 'notepad/a', attempt: 1, worker: 'w2' };
    writeFileSync(queue, `${JSON.stringify(started)}\n`);
    const options = { force: false, minWorkers: undefined };
    await expect(intendScale(session, open, 1, options)).rejects.toMatchObject({ code: 'OWN_RESULTS_NOT_HOME' });
    expect(open.record.workers).toEqual(['w0', 'w1', 'w2']);

    await intendScale(session, open, 1, { ...options, force: true });
    const killed = { ...open, change: () => Promise.reject(new Error('killed')) };
    await expect(removeLeaving(session, killed, deadline)).rejects.toThrow('killed');
    const powers = (await readSpend(session.paths.spend)).lines.map(({ worker, power }) => `${worker} ${power}`);
    expect(powers.slice(-2).sort()).toEqual(['w1 gone', 'w2 gone']);
    expect(await removeLeaving(session, open, deadline)).toEqual(['w1', 'w2']);
    expect(open.record).toMatchObject({ workers: ['w0'], leaving: [] });
    const kept = (name: string): boolean => !/waa-test-w[12]/.test(name);
    expect([...namesIn(lab)].sort()).toEqual(before.filter(kept).sort());

    const [bill] = await deploymentCosts(session, 'test', noNote);
    const costly = Object.entries(bill?.workers ?? {}).filter(([, { hourlyUsd }]) => hourlyUsd > 0);
    expect(costly.map(([worker]) => worker)).toEqual(['w0']);
    expect(Object.keys(bill?.workers ?? {}).sort()).toEqual(['w0', 'w1', 'w2']);
  });
});

it('what others stopped is resumed, and a paused pool is not paused again', async () => {
  rig = await startLabRig();
  const lab = rig;
  await withPool(lab, { count: 2 }, async ({ open, session, deadline, ...up }) => {
    await up.bringUp();
    const another = '/data/waa/results/r-of-another-home';
    const machine = lab.lab.world.azure.findMachine('waa-test-w1');
    machine?.writeFile(`${another}/.watched`, String(session.clock.now()));
    await expect(pauseDeployment(session, open, deadline)).rejects.toMatchObject({ code: 'OWN_RUN_OF_OTHERS' });
    expect(open.record.intent).toBe('ready');
    machine?.removeTree(another);
    const [first] = vmsOf(lab);
    if (first) deallocateVm(lab.lab.world.azure, first, false);
    expect((await resumeDeployment(session, open, deadline)).outputs).toHaveLength(2);
    expect(vmsOf(lab).map(({ power }) => power)).toEqual(['running', 'running']);

    // The pause nobody saw is not billed, and the start is, from its beginning.
    if (first) deallocateVm(lab.lab.world.azure, first, false);
    await session.clock.sleep(10 * 60_000, session.signal);
    const restartedFrom = up.events.length;
    await up.bringUp();
    const start = up.events.slice(restartedFrom).find(({ text }) => text === 'start vm waa-test-w0: started');
    const { lines } = await readSpend(session.paths.spend);
    const [paused, restarted] = lines.filter(({ worker }) => worker === 'w0').slice(-2);
    expect([paused?.power, restarted?.power]).toEqual(['unbilled', 'billed']);
    expect(restarted?.at).toBeLessThanOrEqual(start?.at ?? 0);

    const from = up.events.length;
    const hung = fail('WINDOWS_SHUTDOWN_TIMEOUT', { seconds: 180, last: 'a blue screen' });
    const quiesce = (): Promise<never> => Promise.reject(hung);
    const [w0, w1] = open.workers;
    // Nobody can tell what of this run is home: a pause keeps it, whatever it is.
    const { directory, record } = session.paths.run('damaged');
    mkdirSync(directory, { recursive: true });
    writeFileSync(record, '');
    const stuck = { ...open, workers: w0 && w1 ? [w0, { ...w1, stack: { ...w1.stack, quiesce } }] : [] };
    await expect(pauseDeployment(session, stuck, deadline)).rejects.toBe(hung);
    expect(vmsOf(lab).map(({ power }) => power)).toEqual(['deallocated', 'running']);
    // A shutdown waits for no layer above the VM.
    const looked = up.events.slice(from).flatMap((one) => (one.type === 'layer.state' ? [one.data.layer] : []));
    expect([...new Set(looked)]).toEqual(['azure', 'vm']);
    expect(up.events.slice(from).map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^run damaged may have results on test .*; a pause keeps them$/),
    );
    const outcomes = await pauseDeployment(session, stuck, deadline, { force: true });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['already', 'done']);
    const { intentAt } = open.record;
    await expect(pauseDeployment(session, open, deadline)).rejects.toMatchObject({ code: 'OWN_POOL_PAUSED' });
    expect(open.record.intentAt).toBe(intentAt);
    await intendScale(session, open, 1, { force: true, minWorkers: undefined });
  });
  // A scale-down that was stopped before it had deleted anybody.
  await withPool(lab, { count: 1 }, async ({ open, session, deadline }) => {
    await pauseDeployment(session, open, deadline);
    expect(open.record).toMatchObject({ workers: ['w0'], leaving: [], intent: 'paused' });
  });
  const [only, ...others] = vmsOf(lab);
  expect([only?.name, others]).toEqual(['waa-test-w0', []]);
  if (only) remove(lab.lab.world.azure, only);
  await withPool(lab, { count: 1 }, async ({ open, session, deadline }) => {
    await expect(pauseDeployment(session, open, deadline)).rejects.toMatchObject({ code: 'AZURE_NOT_FOUND' });
  });
});

it('spot workers that Azure takes back in the middle of a run, one of them for good: every task is scored once', async () => {
  rig = await startLabRig();
  const seen = await runWithEvictions(rig, { workers: 4, evictions: 2 });
  expect(seen.zones).toEqual(['1', '2', '3']);
  expect(seen.summary).toMatchObject({ complete: true, states: { infra_error: 0, pending: 0 } });
  expect(seen.scored).toEqual(seen.tasks);
  // One may fall between two tasks, and on a busy machine a watch may spoil another: more attempts or fewer, never a score.
  expect(seen.repeated.length).toBeGreaterThanOrEqual(1);
  expect(seen.notices).toContainEqual(expect.stringMatching(/Azure takes w\d back/));
  expect(seen.madeAnew).toEqual(seen.evicted.slice(0, 1));
  expect(seen.powerAfterwards).toEqual(Array<string>(4).fill('running'));
});
