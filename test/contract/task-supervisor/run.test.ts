import { mkdtemp, readdir, readFile, appendFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runOnWorkers } from '../../../src/benchmark/run.js';
import type { RunSettings, RunWorker } from '../../../src/benchmark/run-settings.js';
import { standings } from '../../../src/benchmark/run-record.js';
import { readRun } from '../../../src/benchmark/run-store.js';
import type { RunSummary } from '../../../src/benchmark/summary.js';
import { selectTasks } from '../../../src/benchmark/select-tasks.js';
import { shippedTaskIndex, taskName } from '../../../src/benchmark/task-index.js';
import { createScaledClock } from '../../../src/clock/scaled-clock.js';
import { configSchema } from '../../../src/config/schema.js';
import { Secret } from '../../../src/config/secret.js';
import { fail } from '../../../src/failures/waa-error.js';
import { createTaskSupervisor } from '../../../src/host/task-supervisor.js';
import { retryPolicies } from '../../../src/retry/policies.js';
import { createRetrier } from '../../../src/retry/retry.js';
import { createRecordingBus, type RecordingBus } from '../../helpers/recording-bus.js';
import { readyClient as ready } from '../../helpers/ready-client.js';
import { taskWorker, type TaskWorker } from '../../helpers/task-worker.js';

const SCALE = 4000;
const KEY = 'sk-very-secret';
const directories: string[] = [];

afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

interface RunRequest extends RunSettings {
  readonly worker: RunWorker;
}

interface Setup {
  readonly worker: TaskWorker;
  readonly bus: RecordingBus;
  readonly request: RunRequest;
  readonly walks: () => number;
  readonly controller: AbortController;
  run(overrides?: Partial<RunRequest>): Promise<RunSummary>;
}

async function setup(
  sources: readonly string[] = ['clock'],
  heal: (worker: TaskWorker) => void = () => undefined,
): Promise<Setup> {
  const clock = createScaledClock({
    realEpochMs: Date.now(),
    labEpochMs: Date.UTC(2026, 0, 1),
    scale: SCALE,
    slackRealMs: 5000,
  });
  const worker = taskWorker(clock);
  const bus = createRecordingBus(clock);
  const runDirectory = await mkdtemp(join(tmpdir(), 'waa-run-'));
  directories.push(runDirectory);
  const controller = new AbortController();
  let walks = 0;
  const request: RunRequest = {
    runId: 'r1',
    deployment: 'test',
    runDirectory,
    tasks: await selectTasks({ sources }, shippedTaskIndex(), () => Promise.resolve(undefined)),
    worker: {
      name: 'w0',
      ensureReady() {
        walks += 1;
        heal(worker);
        return Promise.resolve(ready);
      },
      link: () => Promise.resolve().then(() => worker.link()),
    },
    supervisor: createTaskSupervisor(worker.runner),
    apiKey: new Secret(KEY),
    config: configSchema.parse({}),
    clock,
    emit: bus.emit,
    retry: createRetrier({ clock, policies: retryPolicies, emit: bus.emit, random: () => 0 }),
    signal: controller.signal,
  };
  const run: Setup['run'] = (overrides = {}) => {
    const all = { ...request, ...overrides };
    return runOnWorkers(all, [all.worker]);
  };
  return { worker, bus, request, controller, walks: () => walks, run };
}

const everything = async (directory: string): Promise<string> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const texts = await Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
  );
  return texts.join('\n');
};

describe('a run', () => {
  it('ends with every task judged, its results home and nothing left on the worker', async () => {
    const { bus, request, run, walks, worker } = await setup();
    const summary = await run();
    expect(summary).toMatchObject({ complete: true, infraFailures: 0, all: { planned: 4 } });
    expect(walks()).toBe(1);
    expect(bus.events.filter((event) => event.type === 'results.home')).toHaveLength(4);
    expect(bus.events.filter((event) => event.type === 'task.finished')).toHaveLength(4);
    expect(worker.machine.listFiles('/data/waa/results/r1')).toEqual(['/data/waa/results/r1/.watched']);
    const attempts = await readdir(join(request.runDirectory, 'attempts'));
    expect(attempts.toSorted()).toEqual(request.tasks.map((task) => `${task.domain}.${task.id}.1`).toSorted());
    const scored = summary.tasks.filter((task) => task.state === 'scored').length;
    const results = (await everything(request.runDirectory)).match(/Result: \d/g) ?? [];
    expect(results.length / 2).toBe(scored);
  });

  it('leaves the key neither here nor on the worker nor in an event', async () => {
    const { bus, request, run, worker } = await setup();
    const before = worker.machine.listFiles('/');
    await run();
    expect(before).toEqual([]);
    expect(await everything(request.runDirectory)).not.toContain(KEY);
    expect(JSON.stringify(bus.events)).not.toContain(KEY);
  });

  it('whose container is killed brings the worker up again, repeats the task and goes on', async () => {
    const { run, walks, worker } = await setup(['clock'], (broken) => {
      if (broken.faults.history.length > 0) broken.restartContainer();
    });
    worker.faults.arm({ id: 'qemu-container-killed', skip: 3 });
    const summary = await run();
    expect(summary).toMatchObject({ complete: true, infraFailures: 1 });
    expect(summary.states.infra_error).toBe(0);
    expect(walks()).toBe(2);
    expect(summary.tasks.filter((task) => task.attempts === 2)).toHaveLength(1);
  });

  it('whose server answers 500 never counts the zeros', async () => {
    const { run, worker } = await setup(['windows_calc'], (broken) => {
      if (broken.simulation.now > Date.UTC(2026, 0, 1) + 60_000) broken.guest.server = 'up';
    });
    worker.guest.server = 'broken';
    const summary = await run();
    expect(summary.infraFailures).toBeGreaterThan(0);
    expect(summary.states.infra_error).toBe(0);
    expect(summary.complete).toBe(true);
  });

  it.each([
    ['server-ends', 'refused'],
    ['server-breaks', 'broken'],
  ] as const)('whose server breaks under a task repeats it: %s', async (fault, left) => {
    const seen: string[] = [];
    const { run, worker } = await setup(['366de66e'], (broken) => {
      seen.push(broken.guest.server);
      broken.guest.server = 'up';
    });
    worker.faults.arm({ id: fault, skip: 1 });
    expect((await run()).tasks).toMatchObject([{ state: 'scored', attempts: 2 }]);
    expect(seen).toContain(left);
  });

  it('gives a task up after the retries the configuration allows, and says so', async () => {
    const { run, worker } = await setup(['366de66e']);
    worker.guest.server = 'refused';
    const summary = await run({ config: configSchema.parse({ benchmark: { infraRetries: 1 } }) });
    expect(summary.tasks).toMatchObject([{ state: 'infra_error', attempts: 2, score: null }]);
    expect(summary.all).toMatchObject({ valid: 0, overValid: null });
  });

  it('that cannot repeat what was spoiled is not over, and says why', async () => {
    const { request, run, worker } = await setup(['366de66e']);
    worker.guest.server = 'refused';
    let walks = 0;
    const ensureReady = () =>
      (walks += 1) === 1 ? Promise.resolve(ready) : Promise.reject(fail('SERVER_BLACK_SCREEN', {}));
    await expect(run({ worker: { ...request.worker, ensureReady } })).rejects.toMatchObject({
      code: 'SERVER_BLACK_SCREEN',
    });
  });

  it('records a task that hangs as a timeout and does not repeat it', async () => {
    const { run, worker } = await setup(['366de66e']);
    worker.faults.arm({ id: 'client-task-hangs' });
    const summary = await run();
    expect(summary.tasks).toMatchObject([{ state: 'timeout', attempts: 1, score: null }]);
  });

  it('goes on over a connection that drops again and again', async () => {
    const { request, run, worker } = await setup();
    let calls = 0;
    const supervisor = request.supervisor;
    const shaky = {
      ...supervisor,
      status: (...args: Parameters<typeof supervisor.status>) => {
        calls += 1;
        if (calls % 3 === 0) worker.dropLinks();
        return supervisor.status(...args);
      },
    };
    const summary = await run({ supervisor: shaky });
    expect(summary).toMatchObject({ complete: true, infraFailures: 0 });
  });

  it('whose Windows cannot be reset leaves nothing that would have to come home', async () => {
    const { request, run } = await setup();
    const config = configSchema.parse({ benchmark: { reset: 'golden' } });
    await expect(run({ config })).rejects.toMatchObject({ code: 'WINDOWS_RESET_IMPOSSIBLE' });
    const { lines = [] } = (await readRun(request.runDirectory)) ?? {};
    expect(lines.map(({ type }) => type)).toEqual(['opened', 'started', 'returned', 'closed']);
    expect([...standings(lines).values()].filter(({ open }) => open)).toEqual([]);
  });

  it('holds nothing that would have to come home while its Windows is reset, whoever is killed then', async () => {
    const { request, run } = await setup(['366de66e']);
    const open: unknown[] = [];
    const reset = async (): Promise<void> => {
      const { lines = [] } = (await readRun(request.runDirectory)) ?? {};
      open.push(...[...standings(lines).values()].filter((one) => one.open));
    };
    const config = configSchema.parse({ benchmark: { reset: 'guest' } });
    const summary = await run({ config, worker: { ...request.worker, reset } });
    expect(summary).toMatchObject({ complete: true, reset: { attempts: 1 }, tasks: [{ attempts: 1 }] });
    expect(open).toEqual([]);
  });

  it('stops with the failure of the walk and can be resumed', async () => {
    const { request, run } = await setup();
    const broken = { ...request.worker, ensureReady: () => Promise.reject(fail('SERVER_BLACK_SCREEN', {})) };
    await expect(run({ worker: broken })).rejects.toMatchObject({ code: 'SERVER_BLACK_SCREEN' });
    expect(await run()).toMatchObject({ complete: true });
  });
});

describe('results', () => {
  it('that arrive cut off are fetched again; until then nothing is deleted', async () => {
    const { run, worker, bus } = await setup(['366de66e']);
    worker.cutStreamAt = 300;
    bus.add({
      name: 'repair',
      consume: (event) => {
        if (event.type === 'retry.waiting') {
          expect(worker.machine.listFiles('/data/waa/results/r1').length).toBeGreaterThan(0);
          worker.cutStreamAt = undefined;
        }
      },
    });
    const summary = await run();
    expect(bus.events.find((event) => event.type === 'retry.waiting')?.data).toMatchObject({
      reason: 'CLIENT_RESULTS_CORRUPT',
    });
    expect(summary.complete).toBe(true);
  });

  it('that never arrive whole stay on the worker and the attempt stays open', async () => {
    const { request, run, worker } = await setup(['366de66e']);
    worker.cutStreamAt = 300;
    await expect(run()).rejects.toMatchObject({ code: 'CLIENT_RESULTS_CORRUPT' });
    expect(worker.machine.listFiles('/data/waa/results/r1').length).toBeGreaterThan(0);
    worker.cutStreamAt = undefined;
    expect(await run()).toMatchObject({ complete: true, tasks: [{ attempts: 1 }] });
    const lines = (await readRun(request.runDirectory))?.lines ?? [];
    expect(lines.filter((line) => line.type === 'started' || line.type === 'finished')).toHaveLength(2);
  });
});

describe('resuming', () => {
  it('keeps what is finished and attaches to the attempt that still runs', async () => {
    const { bus, controller, request, run } = await setup();
    bus.add({
      name: 'interrupter',
      consume: (event) => {
        const finished = bus.events.filter((seen) => seen.type === 'task.finished').length;
        if (event.type === 'task.progress' && finished === 1) controller.abort(new Error('killed'));
      },
    });
    await expect(run()).rejects.toThrow('killed');
    const kept = (await readRun(request.runDirectory))?.lines ?? [];
    expect(kept.filter((line) => line.type === 'finished')).toHaveLength(1);
    const summary = await run({ signal: new AbortController().signal });
    expect(summary).toMatchObject({ complete: true });
    expect(summary.tasks.map((task) => task.attempts)).toEqual([1, 1, 1, 1]);
    expect(bus.events.findLast(({ type }) => type === 'task.started')?.data).toMatchObject({ doneBefore: 1, total: 4 });
  });

  it('repeats only what the infrastructure spoiled', async () => {
    const { run, worker, bus } = await setup(['windows_calc']);
    worker.guest.server = 'refused';
    await run({ config: configSchema.parse({ benchmark: { infraRetries: 0 } }) });
    worker.guest.server = 'up';
    const before = bus.events.filter((event) => event.type === 'task.started').length;
    const summary = await run();
    expect(summary.states.infra_error).toBe(0);
    expect(bus.events.filter((event) => event.type === 'task.started').length - before).toBe(3);
    await run();
    expect(bus.events.filter((event) => event.type === 'task.started').length - before).toBe(3);
  });

  it('survives a torn last line', async () => {
    const { request, run } = await setup(['366de66e']);
    await run();
    await appendFile(join(request.runDirectory, 'queue.jsonl'), '{"type":"star');
    expect(await run()).toMatchObject({ complete: true, tasks: [{ attempts: 1 }] });
  });

  it('refuses a damaged line and another experiment', async () => {
    const { request, run } = await setup(['366de66e']);
    await run();
    await expect(run({ config: configSchema.parse({ model: { name: 'gpt-4.1' } }) })).rejects.toMatchObject({
      code: 'CLIENT_RUN_MISMATCH',
    });
    await expect(run({ deployment: 'other' })).rejects.toMatchObject({
      code: 'CLIENT_RUN_MISMATCH',
      params: { deployment: 'test' },
    });
    await expect(run({ tasks: shippedTaskIndex().tasks.slice(0, 2) })).rejects.toMatchObject({
      code: 'CLIENT_RUN_MISMATCH',
    });
    await appendFile(join(request.runDirectory, 'queue.jsonl'), 'garbage\n');
    await expect(run()).rejects.toMatchObject({ code: 'CLIENT_RUN_CORRUPT' });
  });
});

describe('several workers', () => {
  it('share one queue, each task once, and the work of a dead one is done by the other', async () => {
    const { request } = await setup(['clock', 'windows_calc']);
    const other = (await setup()).request;
    const dead = { ...other.worker, name: 'w1', ensureReady: () => Promise.reject(fail('SERVER_BLACK_SCREEN', {})) };
    const summary = await runOnWorkers(request, [request.worker, dead]);
    expect(summary).toMatchObject({ complete: true, all: { planned: 7 } });
    expect(summary.tasks.map((task) => task.attempts)).toEqual(request.tasks.map(() => 1));
    expect(new Set(summary.tasks.map((task) => task.task))).toEqual(new Set(request.tasks.map(taskName)));
  });
});
