import { mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { readRun } from '../../src/benchmark/run-store.js';
import { selectTasks } from '../../src/benchmark/select-tasks.js';
import { shippedTaskIndex, taskName } from '../../src/benchmark/task-index.js';
import { workerNames } from '../../src/deployment/names.js';
import type { WaaEvent } from '../../src/events/catalogue.js';
import { Deadline } from '../../src/health/deadline.js';
import { defaultAzureOptions } from '../../src/lab/world/azure/options.js';
import { simulateEviction } from '../../src/lab/world/azure/spot.js';
import { listOf } from '../../src/lab/world/azure/state.js';
import { deallocateVm } from '../../src/lab/world/azure/vm-power.js';
import { bringUp, type PoolReady } from '../../src/operations/bring-up.js';
import { deploymentCosts } from '../../src/operations/cost-report.js';
import type { OpenDeployment } from '../../src/operations/open-deployment.js';
import { pauseDeployment } from '../../src/operations/pause.js';
import type { Place } from '../../src/operations/place.js';
import { prepareRecord } from '../../src/operations/prepare-record.js';
import { resumeDeployment } from '../../src/operations/resume.js';
import { runTasks } from '../../src/operations/run-tasks.js';
import { intendScale, removeLeaving } from '../../src/operations/scale.js';
import { withDeployment } from '../../src/operations/with-deployment.js';
import type { Session } from '../../src/session.js';
import { startLabRig, type LabRig } from '../helpers/lab-session.js';

let rig: LabRig | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

interface Up {
  readonly open: OpenDeployment;
  readonly session: Session;
  readonly deadline: Deadline;
  readonly events: readonly WaaEvent[];
  bringUp(): Promise<PoolReady>;
}

/** Opens a pool of so many workers in the lab; `work` brings it up. */
async function withPool<T>(
  lab: LabRig,
  { count, ...more }: Partial<Place> & { readonly count: number },
  work: (up: Up) => Promise<T>,
): Promise<T> {
  const { session, events } = await lab.open();
  using deadline = Deadline.after(8 * 3_600_000, session.clock, session.signal);
  try {
    const { region, vmSize } = session.config.azure;
    const place = { region, vmSize, workers: [...workerNames(count)], ...more };
    await prepareRecord(session, 'test', { place });
    return await withDeployment(session, { name: 'test', exclusive: true }, (open) =>
      work({ open, session, deadline, events, bringUp: () => bringUp(session, open, deadline) }),
    );
  } finally {
    await session.close();
  }
}

const vmsOf = ({ lab }: LabRig) => listOf(lab.world.azure, 'Microsoft.Compute/virtualMachines');
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
    expect(await removeLeaving(session, open, deadline)).toEqual(['w1', 'w2']);
    expect(open.record).toMatchObject({ workers: ['w0'], leaving: [] });
    const kept = (name: string): boolean => !/waa-test-w[12]/.test(name);
    expect([...namesIn(lab)].sort()).toEqual(before.filter(kept).sort());

    const [bill] = await deploymentCosts(session, 'test');
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
    const [first] = vmsOf(lab);
    if (first) deallocateVm(lab.lab.world.azure, first, false);
    expect((await resumeDeployment(session, open, deadline)).outputs).toHaveLength(2);
    expect(vmsOf(lab).map(({ power }) => power)).toEqual(['running', 'running']);

    const outcomes = await pauseDeployment(session, open, deadline);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
    const { intentAt } = open.record;
    await expect(pauseDeployment(session, open, deadline)).rejects.toMatchObject({ code: 'OWN_POOL_PAUSED' });
    expect(open.record.intentAt).toBe(intentAt);
  });
});

it('of ten spot workers Azure takes three back in the middle of a run, for good in one case; every task is scored once', async () => {
  rig = await startLabRig();
  const lab = rig;
  const { azure, faults } = lab.lab.world;
  const sources = ['clock', 'notepad', 'windows_calc', 'microsoft_paint'];
  const tasks = await selectTasks({ sources }, shippedTaskIndex(), () => Promise.resolve(undefined));
  const zones = ['1', '2', '3'];
  await withPool(lab, { count: 10, spot: true, zones }, async ({ open, session, events, ...up }) => {
    expect((await up.bringUp()).failed).toEqual([]);
    expect(new Set(vmsOf(lab).flatMap((vm) => vm.zones ?? []))).toEqual(new Set(zones));
    const evicted = new Set<string>();
    session.observe({
      name: 'evictions',
      consume(event) {
        if (event.type !== 'task.progress' || event.data.step !== 1 || evicted.size === 3) return;
        const vm = vmsOf(lab).find(({ name }) => name === `waa-test-${event.worker ?? ''}`);
        if (!vm || evicted.has(vm.name)) return;
        // Azure has no place for the first one when it is started again.
        if (evicted.size === 0) faults.arm({ id: 'azure-allocation-failed', target: vm.name });
        evicted.add(vm.name);
        simulateEviction(azure, vm);
      },
    });
    const summary = await runTasks(session, open, { runId: 'r', tasks, selection: { sources: [] } });
    expect(evicted.size).toBe(3);
    expect(summary).toMatchObject({ complete: true, states: { infra_error: 0, pending: 0 } });
    const lines = (await readRun(session.paths.run('r').directory))?.lines ?? [];
    const scored = lines.flatMap((line) => (line.type === 'finished' && line.state === 'scored' ? [line.task] : []));
    expect([...scored].sort()).toEqual(tasks.map(taskName).sort());
    // Whoever notices first: the worker that is brought back, or the end of its lease.
    const repeated = lines.flatMap((line) => (line.type === 'started' && line.attempt === 2 ? [line.task] : []));
    expect(repeated.length).toBe(evicted.size);
    const notices = events.filter((event) => event.type === 'log' && event.data.component === 'spot');
    expect(notices.map((event) => event.text)).toContainEqual(expect.stringMatching(/Azure takes w\d back/));

    expect((await up.bringUp()).failed).toEqual([]);
    expect(vmsOf(lab).map(({ power }) => power)).toEqual(Array<string>(10).fill('running'));
    const again = lab.lab
      .summary()
      .operations.filter(({ kind, name, count }) => kind === 'create' && count > 1 && /w\d$/.test(name));
    expect(again).toMatchObject([{ name: [...evicted][0], count: 2 }]);
  });
});
