/**
 * 154 tasks on 8 workers while the infrastructure breaks under 10 % of the attempts: every task must end, no score may be
 * lost, doubled or turned into a zero, and the makespan is held against the lower bound max(sum / workers, longest) and
 * against WAA's own contiguous split of the same draw. The real queue, store, executor and supervisor over emulated workers
 * whose time is that of a manual clock, so that no second of this machine counts.
 *
 *   npm run bench:run [-- --workers 8 --faults 0.1 --seed 1 --draws 3]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readRun } from '../src/benchmark/run-store.js';
import type { RunSummary } from '../src/benchmark/summary.js';
import { seedDurationMs, shippedTaskIndex, taskName } from '../src/benchmark/task-index.js';
import { breaksIn, createFleet, durationsOf, staticSplitMs, type Broken } from '../test/helpers/fleet.js';

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '8' },
    faults: { type: 'string', default: '0.1' },
    seed: { type: 'string', default: '1' },
    draws: { type: 'string', default: '3' },
  },
});
const workers = Number(values.workers);
const share = Number(values.faults);
const tasks = shippedTaskIndex().tasks;
const seeds = new Map(tasks.map((task) => [taskName(task), seedDurationMs(task.domain) ?? 0]));
const minutes = (ms: number): string => (ms / 60_000).toFixed(1).padStart(7);

interface Done {
  readonly summary: RunSummary;
  readonly makespanMs: number;
  readonly broken: readonly Broken[];
  /** What all attempts and all mending took together. */
  readonly spentMs: number;
  /** Workers that broke three times in a row: the others did their work. */
  readonly takenOut: number;
  /** Tasks with more than one end that counts. */
  readonly doubled: number;
}

async function runOnce(seed: number, faults: number, expectedMs: ReadonlyMap<string, number>): Promise<Done> {
  const directory = mkdtempSync(join(tmpdir(), 'waa-bench-run-'));
  try {
    const fleet = createFleet({ workers, tasks, directory, seed, expectedMs, breaks: breaksIn(faults, seed) });
    const began = fleet.clock.now();
    const summary = await fleet.run();
    const ends = ((await readRun(directory))?.lines ?? []).filter((line) => line.type === 'finished');
    const settled = ends.filter((line) => line.state !== 'infra_error').map((line) => line.task);
    const doubled = settled.length - new Set(settled).size;
    const takenOut = fleet.bus.events.filter((event) => event.text.includes('leaves the run')).length;
    const spentMs = summary.attemptMs + fleet.mendingMs;
    return { summary, makespanMs: fleet.clock.now() - began, broken: fleet.broken, takenOut, doubled, spentMs };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

let failed = false;
console.log(
  `${tasks.length} tasks, ${workers} workers, ${share * 100} % of attempts broken; minutes of the workers' time`,
);
for (let seed = Number(values.seed); seed < Number(values.seed) + Number(values.draws); seed += 1) {
  const calm = await runOnce(seed, 0, seeds);
  const durations = durationsOf(calm.summary);
  const all = [...durations.values()];
  const bound = Math.max(all.reduce((sum, ms) => sum + ms, 0) / workers, ...all);
  const row = (what: string, ms: number, note = ''): void => {
    console.log(`  ${what.padEnd(46)}${minutes(ms)}   x ${(ms / bound).toFixed(3)}${note}`);
  };
  console.log(`draw ${seed}`);
  row('lower bound max(sum / workers, longest)', bound);
  row("WAA's contiguous split, no fault", staticSplitMs(tasks, workers, durations));
  row('queue, durations by domain, no fault', calm.makespanMs);
  for (const [what, expected] of [
    ['queue, durations by domain, faults', seeds],
    ['queue, durations of an earlier run, faults', durations],
  ] as const) {
    const { summary, makespanMs, broken, takenOut, doubled, spentMs } = await runOnce(seed, share, expected);
    const roughBound = Math.max(spentMs / workers, ...all);
    const wrong = summary.tasks.filter((task, index) => {
      const honest = calm.summary.tasks[index];
      return task.state !== honest?.state || task.score !== honest.score;
    });
    const rough = `x ${(makespanMs / roughBound).toFixed(3)} of the bound with what the faults took`;
    row(
      what,
      makespanMs,
      `, ${rough}; ${broken.length} broken, ${summary.infraFailures} attempts spoiled, ${takenOut} workers taken out`,
    );
    const { pending, infra_error } = summary.states;
    console.log(
      `    ${wrong.length} results unlike those without faults, ${doubled} doubled, ${pending} without an end, ${infra_error} given up`,
    );
    const limit = 1.1 * roughBound;
    if (wrong.length > infra_error || doubled + pending > 0 || (takenOut === 0 && makespanMs > limit)) failed = true;
  }
}
process.exitCode = failed ? 1 : 0;
