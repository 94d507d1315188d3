/**
 * What the queue of a run costs with 10,000 tasks: the mean and the slowest of claim, renew and complete, durable on this
 * disk (every line is synced) and in memory alone, and the time to replay the record after a crash.
 *
 *   npm run bench:queue [-- TASKS]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createRunQueue, type RunQueue } from '../src/benchmark/queue.js';
import type { QueueLine, RunHead } from '../src/benchmark/run-record.js';
import { openRunStore } from '../src/benchmark/run-store.js';

const COUNT = Number(process.argv[2] ?? 10_000);
const WORKERS = 100;
const tasks = Array.from({ length: COUNT }, (_, index) => `domain/${index}`);
const expectedMs = new Map(tasks.map((task, index) => [task, (index * 7919) % 600_000]));
const clock = { now: () => performance.timeOrigin + performance.now() };

function queueOn(lines: readonly QueueLine[], append: (line: QueueLine) => Promise<void>): RunQueue {
  return createRunQueue({ tasks, lines, append, expectedMs, infraRetries: 2, clock });
}

/** Every task is claimed, renewed and completed by workers that take turns. */
async function workOff(
  queue: RunQueue,
): Promise<{ readonly mean: number; readonly p99: number; readonly worst: number }> {
  const times: number[] = [];
  const timed = async <T>(operation: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const value = await operation();
    times.push(performance.now() - began);
    return value;
  };
  for (let turn = 0; ; turn += 1) {
    const lease = await timed(() => queue.claim(`w${turn % WORKERS}`));
    if (!lease) break;
    await timed(() => queue.renew(lease));
    const state = turn % 10 === 0 && lease.attempt === 1 ? 'infra_error' : 'scored';
    await timed(() => queue.complete(lease, { state, score: null, reason: '', durationMs: 1, steps: 1 }));
  }
  times.sort((a, b) => a - b);
  const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length;
  return { mean, p99: times[Math.floor(times.length * 0.99)] ?? 0, worst: times.at(-1) ?? 0 };
}

const directory = mkdtempSync(join(tmpdir(), 'waa-bench-queue-'));
try {
  const head: RunHead = {
    runId: 'bench',
    deployment: 'bench',
    createdAt: '2026-01-01T00:00:00.000Z',
    tasks,
    agent: 'navi',
    provider: 'openai',
    model: 'm',
    maxSteps: 15,
    taskTimeoutS: 600,
  };
  const report = (what: string, { mean, p99, worst }: Awaited<ReturnType<typeof workOff>>): void => {
    console.log(`${what}: mean ${mean.toFixed(3)} ms, 99 % under ${p99.toFixed(3)} ms, slowest ${worst.toFixed(1)} ms`);
  };
  report(`${COUNT} tasks, in memory`, await workOff(queueOn([], () => Promise.resolve())));
  const store = await openRunStore(directory, head);
  report(
    `${COUNT} tasks, every line synced to disk`,
    await workOff(queueOn(store.lines, (line) => store.append(line))),
  );
  await store.close();

  const began = performance.now();
  const again = await openRunStore(directory, head);
  const view = await queueOn(again.lines, (line) => again.append(line)).observe();
  const replayMs = performance.now() - began;
  await again.close();
  console.log(`replay of ${again.lines.length} lines: ${replayMs.toFixed(0)} ms (${view.done} done)`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
