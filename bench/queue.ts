/**
 * What the queue of a run costs with 10,000 tasks: the mean and the slowest of claim, renew and complete, in memory and on
 * this disk; of `flush`, which waits for the disk and stands before what cannot be taken back only; and the time to replay
 * the record after a crash. As many empty operations of the same length say how often this machine stands still by itself.
 *
 *   npm run bench:queue [-- TASKS]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { RunQueue } from '../src/benchmark/queue.js';
import { createRunQueue } from '../src/benchmark/recorded-queue.js';
import type { QueueLine, RunHead } from '../src/benchmark/run-record.js';
import { openRunStore, type RunStore } from '../src/benchmark/run-store.js';
import { median } from '../src/state/median.js';

const COUNT = Number(process.argv[2] ?? 10_000);
const WORKERS = 100;
const tasks = Array.from({ length: COUNT }, (_, index) => `domain/${index}`);
const expectedMs = new Map(tasks.map((task, index) => [task, (index * 7919) % 600_000]));
const clock = { now: () => performance.timeOrigin + performance.now() };

function queueOn(lines: readonly QueueLine[], record: Pick<RunStore, 'append' | 'flush'>): RunQueue {
  return createRunQueue({ tasks, lines, record, expectedMs, clock });
}

async function timed<T>(operation: () => Promise<T>, times: number[]): Promise<T> {
  const began = performance.now();
  const value = await operation();
  times.push(performance.now() - began);
  return value;
}

/** Every task is claimed, renewed and completed by workers that take turns. */
async function workOff(
  queue: RunQueue,
): Promise<{ readonly operations: readonly number[]; readonly flushes: readonly number[] }> {
  const operations: number[] = [];
  const flushes: number[] = [];
  for (let turn = 0; ; turn += 1) {
    const lease = await timed(() => queue.claim(`w${turn % WORKERS}`), operations);
    if (!lease) break;
    await timed(() => queue.renew(lease), operations);
    const state = turn % 10 === 0 && lease.attempt === 1 ? 'infra_error' : 'scored';
    const result = { state, score: null, reason: '', durationMs: 1, steps: 1 } as const;
    await timed(() => queue.complete(lease, result), operations);
    if (turn % 50 === 0) await timed(() => queue.flush(), flushes);
  }
  return { operations, flushes };
}

/** What takes no less time whatever the machine does: a control. */
function idle(ms: number): Promise<void> {
  for (const until = performance.now() + ms; performance.now() < until;);
  return Promise.resolve();
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
  const report = (what: string, times: readonly number[]): void => {
    const sorted = [...times].sort((a, b) => a - b);
    const mean = sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length;
    const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(3).padStart(7);
    const slow = sorted.filter((ms) => ms >= 1).length;
    const cells = [mean.toFixed(3).padStart(7), at(0.99), at(0.999), (sorted.at(-1) ?? 0).toFixed(1).padStart(7)];
    console.log(`${what.padEnd(44)} ${cells.join(' ')}   ${slow} of ${sorted.length}`);
  };
  console.log(`${COUNT} tasks; ms: ${' '.repeat(33)}mean    99 %  99.9 % slowest   1 ms or more`);
  const inMemory = await workOff(queueOn([], { append: () => undefined, flush: () => Promise.resolve() }));
  report('operations, in memory', inMemory.operations);
  const store = await openRunStore(directory, head);
  const { operations, flushes } = await workOff(queueOn(store.lines, store));
  report('operations, every line written to a file', operations);
  const middle = median(operations) ?? 0;
  const empty: number[] = [];
  for (let turn = 0; turn < operations.length; turn += 1) await timed(() => idle(middle), empty);
  report('empty operations', empty);
  report('flush: waiting for the disk', flushes);
  await store.close();

  const began = performance.now();
  const again = await openRunStore(directory, head);
  const view = await queueOn(again.lines, again).observe();
  const replayMs = performance.now() - began;
  await again.close();
  console.log(`replay of ${again.lines.length} lines: ${replayMs.toFixed(0)} ms (${view.done} done)`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
