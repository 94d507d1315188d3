import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attemptIdOf } from '../../../src/benchmark/attempt.js';
import { LEASE_MS } from '../../../src/benchmark/queue.js';
import type { FinishedLine, QueueLine } from '../../../src/benchmark/run-record.js';
import { readRun } from '../../../src/benchmark/run-store.js';
import { stratified } from '../../../src/benchmark/select-tasks.js';
import { shippedTaskIndex } from '../../../src/benchmark/task-index.js';
import { configSchema } from '../../../src/config/schema.js';
import { breaksIn, createFleet } from '../../helpers/fleet.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'waa-fleet-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const tasks = (count: number) => stratified(shippedTaskIndex().tasks, count, 3);

async function linesOf(folder: string): Promise<readonly QueueLine[]> {
  return (await readRun(folder))?.lines ?? [];
}

const finished = (lines: readonly QueueLine[]): readonly FinishedLine[] =>
  lines.filter((line) => line.type === 'finished');

describe('several workers of which some break', () => {
  it('score every task once, as without a fault; what a fault spoiled is tried elsewhere', async () => {
    const chosen = tasks(16);
    const config = configSchema.parse({ benchmark: { infraRetries: 5 } });
    const calm = await createFleet({ workers: 4, tasks: chosen, directory: join(directory, 'calm') }).run();
    const folder = join(directory, 'rough');
    const fleet = createFleet({ workers: 4, tasks: chosen, directory: folder, breaks: breaksIn(0.35, 5) });
    const rough = await fleet.run({ config });

    expect(new Set(fleet.broken.map((one) => one.how)).size).toBeGreaterThanOrEqual(6);
    expect(rough.states).toMatchObject({ pending: 0, infra_error: 0 });
    const scores = (summary: typeof calm) => summary.tasks.map(({ task, state, score }) => ({ task, state, score }));
    expect(scores(rough)).toEqual(scores(calm));

    const ends = finished(await linesOf(folder));
    const settled = ends.filter((line) => line.state !== 'infra_error').map((line) => line.task);
    expect(new Set(settled).size).toBe(settled.length);
    const spoiled = ends.filter((line) => line.state === 'infra_error');
    expect(spoiled.every((line) => line.score === null)).toBe(true);
    // The same worker has it only where all others were being mended.
    const next = (line: FinishedLine) => ends.find(({ task, attempt }) => task === line.task && attempt > line.attempt);
    const elsewhere = spoiled.filter((line) => next(line)?.worker !== line.worker);
    expect(elsewhere.length / spoiled.length).toBeGreaterThan(0.7);
  }, 60_000);
});

describe('a controller that is away for a night', () => {
  it("is not booked as the task's time", async () => {
    const fleet = createFleet({ workers: 1, tasks: tasks(1), directory });
    const controller = new AbortController();
    fleet.bus.add({
      name: 'interrupter',
      consume: (event) => {
        if (event.type === 'task.progress') controller.abort(new Error('killed'));
      },
    });
    await expect(fleet.run({ signal: controller.signal })).rejects.toThrow('killed');
    await fleet.clock.advance(12 * 60 * 60_000);
    const { tasks: results } = await fleet.run();
    expect(results).toMatchObject([{ attempts: 1, state: 'scored' }]);
    expect(results[0]?.durationMs).toBeGreaterThan(10_000);
    expect(results[0]?.durationMs).toBeLessThan(600_000);
  });
});

describe('a worker that breaks under a task', () => {
  it.each(['container-killed', 'server-500', 'server-gone', 'linux-restarted', 'supervisor-frozen'] as const)(
    '%s is noticed within two minutes',
    async (how) => {
      const [task] = tasks(1);
      const fleet = createFleet({
        workers: 1,
        tasks: task ? [task] : [],
        directory,
        breaks: ({ attempt }) => (attempt.endsWith('.1') ? { how, afterMs: 40_000 } : undefined),
      });
      expect(await fleet.run()).toMatchObject({ complete: true, infraFailures: 1, states: { infra_error: 0 } });
      const [first, second] = finished(await linesOf(directory));
      expect(first).toMatchObject({ state: 'infra_error', attempt: 1 });
      expect(second).toMatchObject({ attempt: 2 });
      expect((first?.at ?? Infinity) - (fleet.broken[0]?.at ?? 0)).toBeLessThan(120_000);
    },
  );

  it('and goes silent loses it to another one when its lease ends; nobody waits for its repair', async () => {
    const chosen = tasks(4);
    const repairMs = 3 * 60 * 60_000;
    const fleet = createFleet({
      workers: 2,
      tasks: chosen,
      directory,
      repairMs,
      breaks: ({ worker }) => (worker === 'w0' ? { how: 'host-away', afterMs: 30_000 } : undefined),
    });
    const began = fleet.clock.now();
    expect(await fleet.run()).toMatchObject({ complete: true, states: { infra_error: 0 } });
    expect(fleet.clock.now() - began).toBeLessThan(repairMs);
    const [lost] = fleet.broken;
    const again = fleet.begun.find((one) => one.worker === 'w1' && one.attempt === lost?.attempt.replace(/1$/, '2'));
    expect(again?.at).toBeGreaterThan((lost?.at ?? 0) + LEASE_MS / 2);
    expect(finished(await linesOf(directory)).every((line) => line.worker === 'w1')).toBe(true);
  });

  it('and comes back too late scores nothing twice; what it did is kept', async () => {
    const chosen = tasks(6);
    const fleet = createFleet({
      workers: 2,
      tasks: chosen,
      directory,
      repairMs: LEASE_MS * 2,
      breaks: ({ worker, attempt }) =>
        worker === 'w0' && attempt.endsWith('.1') ? { how: 'host-away', afterMs: 30_000 } : undefined,
    });
    expect(await fleet.run()).toMatchObject({ complete: true, states: { infra_error: 0 } });
    const ends = finished(await linesOf(directory)).map((line) => line.task);
    expect(new Set(ends).size).toBe(ends.length);
    const [lost] = fleet.broken;
    const homes = readdirSync(join(directory, 'attempts'));
    expect(homes).toEqual(expect.arrayContaining([lost?.attempt, lost?.attempt.replace(/1$/, '2')]));
    expect(homes).toEqual(
      expect.arrayContaining(finished(await linesOf(directory)).map((line) => attemptIdOf(line.task, line.attempt))),
    );
  });

  it('three times in a row is taken out and named; it rests, longer each time, and the others do its work', async () => {
    const fleet = createFleet({
      workers: 2,
      tasks: tasks(12),
      directory,
      breaks: ({ worker }) => (worker === 'w0' ? { how: 'container-killed', afterMs: 20_000 } : undefined),
    });
    expect(await fleet.run()).toMatchObject({ complete: true, states: { infra_error: 0 } });
    const told = fleet.bus.events.filter((event) => event.text.includes('was taken out of the run'));
    expect(told.length).toBeGreaterThanOrEqual(2);
    expect(told[0]?.text).toMatch(/worker w0 spoiled 3 different tasks in a row .* it may try one task in 10 min/);
    expect(told[1]?.text).toContain('it may try one task in 20 min');
    const begun = fleet.begun.filter(({ worker }) => worker === 'w0');
    expect((begun[3]?.at ?? 0) - (told[0]?.at ?? 0)).toBeGreaterThanOrEqual(10 * 60_000);
  });

  it('three times in a row does not hold a run open that the budget has ended', async () => {
    const fleet = createFleet({
      workers: 2,
      tasks: tasks(30),
      directory,
      breaks: ({ worker }) => (worker === 'w0' ? { how: 'container-killed', afterMs: 20_000 } : undefined),
      settings: {
        // Two workers cost 2 an hour; a task may begin as long as twenty minutes more are paid for: in the first eight.
        prices: { vmUsdPerHour: 1, storageUsdPerDay: 0, source: 'retail', asOf: '2026-01-01' },
        config: configSchema.parse({ benchmark: { maxCostUsd: 0.95, taskTimeoutS: 600 } }),
      },
    });
    expect(await fleet.run()).toMatchObject({ complete: false });
    const told = fleet.bus.events.find((event) => event.text.includes('was taken out of the run'));
    expect(fleet.clock.now() - (told?.at ?? 0)).toBeLessThan(10 * 60_000);
  });

  it.each([1, 3])('or not: the budget that ends a run of %i workers is told once', async (workers) => {
    const fleet = createFleet({
      workers,
      tasks: tasks(30),
      directory,
      settings: {
        prices: { vmUsdPerHour: 1, storageUsdPerDay: 0, source: 'retail', asOf: '2026-01-01' },
        config: configSchema.parse({ benchmark: { maxCostUsd: 1.2, taskTimeoutS: 600 } }),
      },
    });
    expect(await fleet.run()).toMatchObject({ complete: false });
    const told = fleet.bus.events.filter((event) => event.text.startsWith('the budget of'));
    expect(told.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^the budget of \$1\.20 allows no .* tasks left$/),
    ]);
  });

  it('three times by bad luck is at work again after its rest', async () => {
    let struck = 0;
    const fleet = createFleet({
      workers: 2,
      tasks: tasks(16),
      directory,
      breaks: ({ worker }) => {
        if (worker !== 'w0' || struck === 3) return undefined;
        struck += 1;
        return { how: 'container-killed', afterMs: 20_000 };
      },
    });
    expect(await fleet.run()).toMatchObject({ complete: true, infraFailures: 3, states: { infra_error: 0 } });
    const scored = finished(await linesOf(directory)).filter(
      ({ worker, state }) => worker === 'w0' && state === 'scored',
    );
    expect(scored.length).toBeGreaterThan(2);
  });

  it('is alone and fails three times in a row ends the run', async () => {
    const breaks = () => ({ how: 'container-killed', afterMs: 20_000 }) as const;
    const fleet = createFleet({ workers: 1, tasks: tasks(6), directory, breaks });
    await expect(fleet.run()).rejects.toMatchObject({ code: 'CLIENT_WORKER_TAKEN_OUT', params: { failures: 3 } });
  });
});
