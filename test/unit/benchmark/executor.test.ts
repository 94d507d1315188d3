import { describe, expect, it } from 'vitest';
import { executeAttempt, type AttemptEnd } from '../../../src/benchmark/executor.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { fail, type WaaError } from '../../../src/failures/waa-error.js';
import { createTaskSupervisor, type TaskStart } from '../../../src/host/task-supervisor.js';
import { taskWorker, type TaskWorker } from '../../helpers/task-worker.js';

const start: TaskStart = {
  dataDirectory: '/data',
  run: 'r1',
  attempt: 'clock.x-WOS.1',
  container: 'winarena',
  domain: 'clock',
  taskId: 'x-WOS',
  limitS: 600,
  runPyArgs: ['--model', 'gpt-4o', '--max_steps', '15'],
  secretEnv: { OPENAI_API_KEY: 'sk-test' },
};

interface Setup {
  readonly worker: TaskWorker;
  readonly clock: ReturnType<typeof createManualClock>;
  readonly steps: number[];
  readonly controller: AbortController;
  interruption: WaaError | 'not-ours' | undefined;
  run(overrides?: Partial<TaskStart>): Promise<AttemptEnd>;
}

function setup(clock = createManualClock(), worker = taskWorker(clock)): Setup {
  const steps: number[] = [];
  const controller = new AbortController();
  const dependencies = {
    supervisor: createTaskSupervisor(worker.runner),
    clock,
    worker: 'w0',
    link: () => Promise.resolve().then(() => worker.link()),
    signal: controller.signal,
    onAnswer: () => undefined,
    onStep: (step: number) => steps.push(step),
    interruption: () => setting.interruption,
  };
  const setting: Setup = {
    worker,
    clock,
    steps,
    controller,
    interruption: undefined,
    run: (overrides = {}) => executeAttempt(dependencies, { ...start, ...overrides }),
  };
  return setting;
}

describe('an attempt', () => {
  it('is started, followed step by step and seen to its end', async () => {
    const { clock, steps, run } = setup();
    const end = await clock.runUntil(run());
    expect(end).toMatchObject({ outcome: 'finished', exitCode: 0 });
    expect(steps.length).toBeGreaterThan(2);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });

  it('is over when it ended, not when it would have been asked next', async () => {
    const { clock, run } = setup();
    for (let task = 0; task < 4; task += 1) {
      const began = clock.now();
      const end = await clock.runUntil(run({ attempt: `a${task}` }));
      expect(clock.now() - began - (end.ranMs ?? 0)).toBeLessThan(2500);
    }
  });

  it('goes on when the connection drops in its middle', async () => {
    const { clock, worker, run } = setup();
    const running = run();
    await clock.advance(60_000);
    worker.dropLinks();
    expect(await clock.runUntil(running)).toMatchObject({ outcome: 'finished' });
  });

  it('is attached to by a second caller, not started twice', async () => {
    const { clock, controller, worker, run } = setup();
    const first = run();
    await clock.advance(60_000);
    controller.abort(new Error('controller died'));
    await expect(first).rejects.toThrow('controller died');
    const begun = worker.machine.readFile('/data/waa/results/r1/clock.x-WOS.1/started')?.content.toString();
    const end = await clock.runUntil(setup(clock, worker).run());
    expect(end.outcome).toBe('finished');
    expect(worker.machine.readFile('/data/waa/results/r1/clock.x-WOS.1/started')?.content.toString()).toBe(begun);
  });

  it.each([
    ['whose worker broke below it is stopped there and named', fail('QEMU_PAUSED_BY_IO_ERROR', { directory: '/d' })],
    ['whose task went to another worker is stopped there', 'not-ours' as const],
  ])('%s', async (_title, interruption) => {
    const setting = setup();
    const running = setting.run();
    await setting.clock.advance(30_000);
    setting.interruption = interruption;
    const end = await setting.clock.runUntil(running);
    expect(end).toEqual(
      interruption === 'not-ours'
        ? { outcome: 'stopped', exitCode: undefined }
        : { outcome: 'lost', exitCode: undefined, fault: interruption },
    );
    const exit = setting.worker.machine.readFile('/data/waa/results/r1/clock.x-WOS.1/exit');
    expect(exit?.content.toString()).toMatch(/^stopped/);
  });

  it("that was stopped while nobody watched is lost, to be tried again: it was nobody's wish", async () => {
    const { clock, controller, run, worker } = setup();
    const first = run();
    await clock.advance(30_000);
    controller.abort(new Error('controller died'));
    await expect(first).rejects.toThrow('controller died');
    const next = setup(clock, worker);
    await clock.runUntil(next.run({ run: 'r2' }));
    expect(await clock.runUntil(next.run())).toMatchObject({ outcome: 'lost', fault: { code: 'CLIENT_TASK_INFRA' } });
  });

  it.each([
    ['a failed one', { exitCode: 1, stdout: '', stderr: 'sh: 1: Cannot fork\n' }],
    ['an unreadable one', { exitCode: 0, stdout: '{"state":"ru', stderr: '' }],
  ])('outlives an answer that says nothing: %s', async (_what, answer) => {
    const { clock, worker, run } = setup();
    const { run: honest } = worker.runner;
    const running = run();
    await clock.advance(30_000);
    Object.assign(worker.runner, { run: () => Promise.resolve(answer) });
    await clock.advance(20_000);
    Object.assign(worker.runner, { run: honest });
    expect(await clock.runUntil(running)).toMatchObject({ outcome: 'finished', exitCode: 0 });
  });

  it('that hangs is ended at its time limit', async () => {
    const { clock, worker, run } = setup();
    worker.faults.arm({ id: 'client-task-hangs', skip: 1 });
    const before = clock.now();
    expect(await clock.runUntil(run())).toMatchObject({ outcome: 'timeout' });
    expect(clock.now() - before).toBeLessThan(630_000);
  });

  it('whose container is killed is ended within two minutes', async () => {
    const { clock, worker, run } = setup();
    worker.faults.arm({ id: 'qemu-container-killed', skip: 1 });
    const end = await clock.runUntil(run());
    expect(end.outcome).toBe('container-died');
    expect(end.fault?.code).toBe('CLIENT_TASK_CONTAINER_DIED');
    const struck = worker.faults.history[0]?.at ?? 0;
    expect(clock.now() - struck).toBeLessThan(120_000);
  });

  it('whose supervisor died with its Linux is lost, within two minutes', async () => {
    const { clock, worker, run } = setup();
    const running = run();
    await clock.advance(60_000);
    worker.reboot();
    const struck = clock.now();
    const end = await clock.runUntil(running);
    expect(end.fault?.code).toBe('CLIENT_TASK_LOST');
    expect(clock.now() - struck).toBeLessThan(120_000);
  });

  it('without a sign of life is ended within two minutes', async () => {
    const { clock, worker, run } = setup();
    const running = run();
    await clock.advance(30_000);
    worker.heartStopped = true;
    const struck = clock.now();
    const end = await clock.runUntil(running);
    expect(end.fault?.code).toBe('CLIENT_TASK_ZOMBIE');
    expect(clock.now() - struck).toBeLessThan(120_000);
  });

  it('without a running container cannot be started', async () => {
    const { clock, worker, run } = setup();
    worker.machine.docker.kill('winarena');
    expect(await clock.runUntil(run())).toMatchObject({
      outcome: 'start-failed',
      fault: { code: 'CLIENT_TASK_START_FAILED' },
    });
  });

  it('on a worker out of sight raises what lets the caller attach again', async () => {
    const { clock, worker, run } = setup();
    const running = run();
    await clock.advance(30_000);
    worker.unreachable = true;
    worker.dropLinks();
    await expect(clock.runUntil(running)).rejects.toMatchObject({ code: 'CLIENT_WORKER_UNREACHABLE' });
    worker.unreachable = false;
    expect(await clock.runUntil(run())).toMatchObject({ outcome: 'finished' });
  });

  it('refuses a key that cannot be carried to the worker', async () => {
    const { clock, run } = setup();
    const end = await clock.runUntil(run({ secretEnv: { OPENAI_API_KEY: 'a\nb' } }));
    expect(end).toMatchObject({ outcome: 'start-failed' });
  });
});
