/**
 * 154 tasks on 8 workers while the infrastructure breaks under 10 % of the attempts, over many draws of durations and faults:
 * every task must end, no score may be lost, doubled or turned into a zero. The makespan is held against the lower bound
 * max(sum / workers, longest) of the tasks alone, with nothing for what the faults take, and stands beside WAA's own
 * contiguous split of the same draw without a fault. The real queue, store, executor and supervisor over emulated workers
 * whose time is that of a manual clock, so that no second of this machine counts.
 *
 *   npm run bench:run [-- --workers 8 --faults 0.1 --seed 1 --draws 20]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readRun } from '../src/benchmark/run-store.js';
import type { RunSummary } from '../src/benchmark/summary.js';
import { seedDurationMs, shippedTaskIndex, taskName } from '../src/benchmark/task-index.js';
import { median } from '../src/state/median.js';
import { breaksIn, createFleet, durationsOf, staticSplitMs } from '../test/helpers/fleet.js';

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '8' },
    faults: { type: 'string', default: '0.1' },
    seed: { type: 'string', default: '1' },
    draws: { type: 'string', default: '20' },
  },
});
const workers = Number(values.workers);
const share = Number(values.faults);
const firstSeed = Number(values.seed);
const tasks = shippedTaskIndex().tasks;
const seeds = new Map(tasks.map((task) => [taskName(task), seedDurationMs(task.domain) ?? 0]));
/** Issued as the aim: nobody waits long for the last worker. */
const AIM = 1.1;

interface Done {
  readonly summary: RunSummary;
  readonly makespanMs: number;
  readonly broken: number;
  /** What spoiled attempts and mending took of all workers' time. */
  readonly lostMs: number;
  /** Times that a worker was taken out for a while. */
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
    const goodMs = summary.tasks.reduce((sum, task) => sum + task.durationMs, 0);
    return {
      summary,
      makespanMs: fleet.clock.now() - began,
      broken: fleet.broken.length,
      lostMs: summary.attemptMs - goodMs + fleet.mendingMs,
      takenOut: fleet.bus.events.filter((event) => event.text.includes('was taken out of the run')).length,
      doubled: settled.length - new Set(settled).size,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Draw {
  /** Makespans as multiples of the lower bound, in the order of COLUMNS. */
  readonly ratios: readonly number[];
  /** The bound with what the faults took, as a multiple of the one without: no order of tasks ends sooner. */
  readonly roughBound: number;
  readonly problems: number;
}

const COLUMNS = ['WAA split', 'no fault', 'by domain', 'recorded'] as const;

async function draw(seed: number): Promise<Draw> {
  const calm = await runOnce(seed, 0, seeds);
  const durations = durationsOf(calm.summary);
  const all = [...durations.values()];
  const sum = all.reduce((total, ms) => total + ms, 0);
  const bound = Math.max(sum / workers, ...all);
  const rough = [await runOnce(seed, share, seeds), await runOnce(seed, share, durations)] as const;
  const makespans = [staticSplitMs(tasks, workers, durations), calm.makespanMs, ...rough.map((run) => run.makespanMs)];
  const problems = rough.map(({ summary, doubled }) => {
    const wrong = summary.tasks.filter((task, index) => {
      const honest = calm.summary.tasks[index];
      return task.state !== 'infra_error' && (task.state !== honest?.state || task.score !== honest.score);
    });
    return wrong.length + doubled + summary.states.pending;
  });
  const last = rough[1];
  const result = {
    ratios: makespans.map((ms) => ms / bound),
    roughBound: Math.max((sum + last.lostMs) / workers, ...all) / bound,
    problems: problems.reduce((total, count) => total + count, 0),
  };
  const cells = [
    String(seed).padStart(4),
    (bound / 60_000).toFixed(1).padStart(9),
    ...[...result.ratios, result.roughBound].map((ratio) => ratio.toFixed(3).padStart(9)),
    ...rough.map((run) =>
      `${run.broken}/${run.summary.infraFailures}/${run.takenOut}/${run.summary.states.infra_error}`.padStart(12),
    ),
    String(result.problems).padStart(9),
  ];
  console.log(cells.join(' '));
  return result;
}

console.log(
  `${tasks.length} tasks, ${workers} workers, ${share * 100} % of attempts broken. Lower bound max(sum / workers, longest) in minutes;
makespans as multiples of it: WAA's contiguous split and the queue (durations by domain) without faults, then the queue with
faults, durations by domain and as recorded by the run without. "floor": the bound with what the last one's faults took.
Faults: struck / attempts spoiled / workers taken out / tasks given up.
draw     bound ${COLUMNS.map((name) => name.padStart(9)).join(' ')}     floor    by domain     recorded  problems`,
);
const draws: Draw[] = [];
for (let seed = firstSeed; seed < firstSeed + Number(values.draws); seed += 1) draws.push(await draw(seed));

for (const [index, name] of COLUMNS.entries()) {
  const ratios = draws.map((one) => one.ratios[index] ?? NaN);
  const within = ratios.filter((ratio) => ratio <= AIM).length;
  console.log(
    `${name.padEnd(10)} median ${median(ratios)?.toFixed(3) ?? '-'}, worst ${Math.max(...ratios).toFixed(3)}, ` +
      `within ${AIM}: ${within} of ${ratios.length}`,
  );
}
const floors = draws.map((one) => one.roughBound);
console.log(`floor      median ${median(floors)?.toFixed(3) ?? '-'}, worst ${Math.max(...floors).toFixed(3)}`);
const problems = draws.reduce((total, one) => total + one.problems, 0);
const middle = median(draws.map((one) => one.ratios[3] ?? NaN)) ?? NaN;
console.log(`${problems} results lost, doubled or unlike those without faults`);
process.exitCode = problems > 0 || !(middle <= AIM) ? 1 : 0;
