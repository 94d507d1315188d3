import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runOnWorkers } from '../../src/benchmark/run.js';
import type { RunSettings, RunWorker } from '../../src/benchmark/run-settings.js';
import { readRun } from '../../src/benchmark/run-store.js';
import { shippedTaskIndex } from '../../src/benchmark/task-index.js';
import type { RunSummary } from '../../src/benchmark/summary.js';
import { createScaledClock } from '../../src/clock/scaled-clock.js';
import { configSchema } from '../../src/config/schema.js';
import { Secret } from '../../src/config/secret.js';
import { createTaskSupervisor } from '../../src/host/task-supervisor.js';
import { retryPolicies } from '../../src/retry/policies.js';
import { createRetrier } from '../../src/retry/retry.js';
import { readyClient } from '../helpers/ready-client.js';
import { taskWorker, type TaskWorker } from '../helpers/task-worker.js';

const tasks = shippedTaskIndex().tasks.slice(0, 6);
let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'waa-run-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

interface Setting {
  readonly worker: TaskWorker;
  readonly texts: string[];
  run(overrides?: Partial<RunSettings>): Promise<RunSummary>;
}

function setting(scale = 1500): Setting {
  const clock = createScaledClock({
    realEpochMs: Date.now(),
    labEpochMs: Date.UTC(2026, 0, 1),
    scale,
    slackRealMs: 4000,
  });
  const worker = taskWorker(clock);
  const texts: string[] = [];
  const emit: RunSettings['emit'] = (_type, _data, text) => {
    texts.push(text);
  };
  const own: RunWorker = {
    name: 'w0',
    ensureReady: () => {
      worker.restartContainer();
      return Promise.resolve(readyClient);
    },
    link: () => Promise.resolve().then(() => worker.link()),
  };
  const settings: RunSettings = {
    runId: 'r',
    deployment: 'test',
    runDirectory: directory,
    tasks,
    supervisor: createTaskSupervisor(worker.runner),
    apiKey: new Secret('sk-test-key'),
    config: configSchema.parse({}),
    clock,
    emit,
    retry: createRetrier({ clock, policies: retryPolicies, emit, random: () => 0.5 }),
    signal: new AbortController().signal,
    prices: { vmUsdPerHour: 0.5, storageUsdPerDay: 0, source: 'retail', asOf: '2026-01-01' },
  };
  return { worker, texts, run: (overrides = {}) => runOnWorkers({ ...settings, ...overrides }, [own]) };
}

describe('a run', () => {
  it('takes a worker out that spoils three tasks in a row, names it, and goes on when it is resumed', async () => {
    const { worker, texts, run } = setting();
    worker.faults.arm({ id: 'qemu-container-killed', times: 100 });
    await expect(run()).rejects.toMatchObject({
      code: 'CLIENT_WORKER_TAKEN_OUT',
      params: { worker: 'w0', failures: 3 },
    });
    expect(texts).toContainEqual(expect.stringContaining('w0 leaves the run'));
    const stopped = await readRun(directory);
    expect(stopped?.lines.filter((line) => line.type === 'finished')).toHaveLength(3);

    const summary = await setting().run();
    expect(summary).toMatchObject({ complete: true, states: { infra_error: 0, pending: 0 } });
  });

  it('begins no task with which the budget could be passed', async () => {
    // Money is time, and at 1500 a busy machine turns a second of its own into half an hour.
    const { texts, run } = setting(300);
    // A task may cost 0.17 with the time to fetch its results: two fit for sure, six never.
    const config = configSchema.parse({ benchmark: { maxCostUsd: 0.25 } });
    const summary = await run({ config });
    expect(summary.complete).toBe(false);
    expect(summary.states.pending).toBeGreaterThan(0);
    expect(summary.states.pending).toBeLessThan(6);
    expect(texts).toContainEqual(expect.stringContaining('the budget of $0.25 allows no further task'));
    const record = await readRun(directory);
    const at = record?.lines.map((line) => line.at) ?? [];
    expect(((Math.max(...at) - Math.min(...at)) / 3_600_000) * 0.5).toBeLessThanOrEqual(0.25);
  });
});
