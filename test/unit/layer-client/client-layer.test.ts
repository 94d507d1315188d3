import { describe, expect, it } from 'vitest';
import type { DockerEngine } from '../../../src/clients/docker-engine/docker-engine.js';
import type { ModelClient } from '../../../src/clients/model/model.js';
import { runPyFlags } from '../../../src/benchmark/run-py.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { configSchema } from '../../../src/config/schema.js';
import { Secret } from '../../../src/config/secret.js';
import { fail } from '../../../src/failures/waa-error.js';
import { createTaskSupervisor } from '../../../src/host/task-supervisor.js';
import { clientInside } from '../../../src/lab/world/agent/client-inside.js';
import { createClientLayer } from '../../../src/layers/client/index.js';
import type { ClientLayerDependencies } from '../../../src/layers/client/deps.js';
import type { ServerOutput } from '../../../src/layers/io.js';
import type { Layer } from '../../../src/layers/layer.js';
import { layerContext } from '../../helpers/layer-context.js';
import { taskWorker } from '../../helpers/task-worker.js';

const input = { containerId: 'c1', containerStartedAt: 't1', dataDirectory: '/data' } as ServerOutput;
const timeouts = { checkMs: 90_000, provisionMs: 300_000, recoverMs: 120_000 };

function setup(overrides: Partial<ClientLayerDependencies> = {}) {
  const clock = createManualClock();
  const worker = taskWorker(clock);
  const state = {
    exec: (argv: readonly string[]) => clientInside(argv) ?? { exitCode: 0, stdout: '', stderr: '' },
    probe: (): Promise<string> => Promise.resolve('gpt-4o-2024-11-20'),
  };
  const layer = createClientLayer({
    timeouts,
    config: configSchema.parse({}),
    apiKey: new Secret('sk-test'),
    needsAssets: true,
    runPyFlags: runPyFlags(configSchema.parse({})),
    model: { probe: () => state.probe(), listModels: () => Promise.resolve([]) } satisfies ModelClient,
    supervisor: createTaskSupervisor(worker.runner),
    docker: () => {
      const exec = (_id: string, argv: readonly string[]): unknown => Promise.resolve(state.exec(argv));
      return { exec } as unknown as DockerEngine;
    },
    link: () => Promise.resolve(worker.link()),
    ...overrides,
  });
  const context = (budgetMs: number, attempt = 0): ReturnType<typeof layerContext> =>
    layerContext(clock, budgetMs, attempt);
  const check = (): ReturnType<Layer<ServerOutput, unknown>['check']> =>
    clock.runUntil(layer.check(context(timeouts.checkMs), input));
  const prepare = (): Promise<void> =>
    clock.runUntil(layer.provision(context(timeouts.provisionMs), input, { state: 'absent' }));
  return { layer, state, clock, context, check, prepare, worker };
}

describe('the client layer', () => {
  it('is absent until the results directory was made, then ready with revision and model', async () => {
    const { check, prepare } = setup();
    expect(await check()).toMatchObject({ state: 'absent' });
    await prepare();
    expect(await check()).toMatchObject({
      state: 'ready',
      identity: 'c1@t1',
      output: { clientRevision: '6d39ed88c545', model: 'gpt-4o-2024-11-20' },
    });
  });

  it('is unhealthy when run.py would ignore a flag that the run relies on', async () => {
    const { check, prepare } = setup({ runPyFlags: ['--model', '--exp_name'] });
    await prepare();
    expect(await check()).toMatchObject({
      state: 'unhealthy',
      fault: { code: 'CLIENT_RUNPY_BROKEN', params: { detail: 'it does not know --exp_name, and would ignore it' } },
    });
  });

  it('is unhealthy when run.py cannot be imported', async () => {
    const { check, prepare, state } = setup();
    await prepare();
    state.exec = () => ({
      exitCode: 1,
      stdout: '',
      stderr: "Traceback ...\nModuleNotFoundError: No module named 'torch'\n",
    });
    expect(await check()).toMatchObject({
      state: 'unhealthy',
      fault: { code: 'CLIENT_RUNPY_BROKEN', params: { detail: "ModuleNotFoundError: No module named 'torch'" } },
    });
  });

  it('is unhealthy when the files of the tasks cannot be fetched, if any task needs them', async () => {
    const curl = (argv: readonly string[]) =>
      clientInside(argv) ?? { exitCode: 22, stdout: '', stderr: 'curl: (22) 404' };
    const needing = setup();
    await needing.prepare();
    needing.state.exec = curl;
    expect(await needing.check()).toMatchObject({ state: 'unhealthy', fault: { code: 'CLIENT_ASSETS_UNREACHABLE' } });
    const offline = setup({ needsAssets: false });
    await offline.prepare();
    offline.state.exec = curl;
    expect(await offline.check()).toMatchObject({ state: 'ready' });
  });

  it('asks the model again after a passing trouble, but not after a wrong key', async () => {
    const { check, prepare, state } = setup();
    await prepare();
    let calls = 0;
    state.probe = () => {
      calls += 1;
      return calls < 3
        ? Promise.reject(fail('CLIENT_MODEL_UNREACHABLE', { provider: 'openai', reason: '502' }))
        : Promise.resolve('gpt-4o');
    };
    expect(await check()).toMatchObject({ state: 'ready' });
    state.probe = () => Promise.reject(fail('CLIENT_MODEL_KEY_INVALID', { provider: 'openai', model: 'gpt-4o' }));
    expect(await check()).toMatchObject({
      state: 'unhealthy',
      fault: { code: 'CLIENT_MODEL_KEY_INVALID', disposition: 'permanent' },
    });
  });

  it('leaves the model alone when nothing is going to run', async () => {
    const { check, prepare } = setup({
      apiKey: undefined,
      model: { probe: () => Promise.reject(new Error('asked')), listModels: () => Promise.resolve([]) },
    });
    await prepare();
    expect(await check()).toMatchObject({ state: 'ready', output: { model: 'gpt-4o' } });
  });

  it('is unknown when the worker cannot be asked', async () => {
    const { check, worker } = setup();
    worker.unreachable = true;
    expect(await check()).toMatchObject({ state: 'unknown', fault: { code: 'VM_SSH_DROPPED' } });
  });

  it('recovers a missing results directory and gives up on a broken run.py', async () => {
    const { check, clock, context, layer } = setup();
    const missing = fail('CLIENT_RESULTS_NOT_WRITABLE', { path: '/data', detail: 'x' });
    expect(await clock.runUntil(layer.recover(context(timeouts.recoverMs), input, missing))).toMatchObject({
      outcome: 'acted',
    });
    expect(await check()).toMatchObject({ state: 'ready' });
    const broken = fail('CLIENT_RUNPY_BROKEN', { detail: 'x' });
    expect(await clock.runUntil(layer.recover(context(timeouts.recoverMs, 1), input, broken))).toMatchObject({
      outcome: 'give-up',
    });
  });

  it('waits for a foreign service before it gives up', async () => {
    const { clock, context, layer } = setup();
    const before = clock.now();
    const fault = fail('CLIENT_ASSETS_UNREACHABLE', { address: 'a', detail: 'd' });
    expect(await clock.runUntil(layer.recover(context(timeouts.recoverMs), input, fault))).toMatchObject({
      outcome: 'acted',
    });
    expect(clock.now() - before).toBe(20_000);
    expect(await clock.runUntil(layer.recover(context(timeouts.recoverMs, 2), input, fault))).toMatchObject({
      outcome: 'give-up',
    });
  });
});
