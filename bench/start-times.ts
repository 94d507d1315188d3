/**
 * How long it takes until WAA is ready: from nothing, from a deallocated VM, from a stopped container, and where everything
 * is up. Each sample is a lab with a subscription, a seed and durations of its own; they run side by side in this process,
 * because most of the time they wait. What is printed is lab time; the smaller the scale, the less of it is this machine's.
 *
 *   npm run bench:start [-- --samples 20 --scale 6 --slack 1000]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { criticalPath } from '../src/events/critical-path.js';
import { timelineOf } from '../src/events/timeline.js';
import type { WaaEvent } from '../src/events/catalogue.js';
import { Deadline } from '../src/health/deadline.js';
import { startLab, type Lab } from '../src/lab/lab.js';
import type { VmOutput } from '../src/layers/io.js';
import { bringUp } from '../src/operations/bring-up.js';
import type { OpenDeployment } from '../src/operations/open-deployment.js';
import { asOperation } from '../src/operations/operation.js';
import { pauseDeployment } from '../src/operations/pause.js';
import { inspectWorker } from '../src/operations/walk-worker.js';
import { prepareRecord } from '../src/operations/prepare-record.js';
import { resumeDeployment } from '../src/operations/resume.js';
import { withDeployment } from '../src/operations/with-deployment.js';
import { openSession } from '../src/runtime/open-session.js';
import type { Session } from '../src/session.js';
import { median } from '../src/state/median.js';
import { callOf } from '../test/helpers/lab-session.js';

const { values } = parseArgs({
  options: {
    samples: { type: 'string', default: '20' },
    scale: { type: 'string', default: '6' },
    slack: { type: 'string', default: '1000' },
  },
});
/** No start takes as long in lab time; more and something is wrong. */
const LIMIT_MS = 2 * 3_600_000;
const NAME = 'bench';

type Step = (session: Session, open: OpenDeployment, deadline: Deadline) => Promise<unknown>;

/** One kind of start. They follow one another on the same deployment, each in an invocation of its own. */
interface Start {
  readonly name: string;
  /** Minutes it may take (requirements M3, M5, M6). */
  readonly limit: number;
  /** What makes it this kind of start; not counted. */
  readonly before?: Step;
  readonly begin: Step;
}

const shutDown: Step = async (session, open, deadline) => {
  for (const worker of open.workers) {
    const { layers } = await inspectWorker(session, open, worker, deadline);
    const vm = layers.find((layer) => layer.id === 'vm')?.status;
    if (vm?.state === 'ready') await worker.stack.quiesce(vm.output as VmOutput, deadline);
  }
};

const STARTS: readonly Start[] = [
  { name: 'cold', limit: 20, begin: bringUp },
  { name: 'hot, everything up', limit: 2, begin: bringUp },
  { name: 'hot, container stopped', limit: 2, before: shutDown, begin: bringUp },
  { name: 'warm', limit: 5, before: pauseDeployment, begin: resumeDeployment },
];

interface Sample {
  readonly minutes: number;
  /** Of the longest chain that could not be avoided. */
  readonly chainMinutes: number;
}

async function once(lab: Lab, home: string, step: Step): Promise<Sample> {
  const session = await openSession(callOf(home, {}, new AbortController().signal), {
    lab: { endpoints: lab.endpoints, home },
  });
  const events: WaaEvent[] = [];
  session.observe({ name: 'recorder', consume: (event) => void events.push(event) });
  try {
    await prepareRecord(session, NAME);
    await withDeployment(session, { name: NAME, exclusive: true }, async (open) => {
      using deadline = Deadline.after(LIMIT_MS, session.clock, session.signal);
      const info = { operation: 'start', deployment: NAME, totalSteps: 7 };
      await asOperation(session, info, () => step(session, open, deadline));
    });
  } finally {
    await session.close();
  }
  const timeline = timelineOf(events);
  if (!timeline) throw new Error('nothing was recorded');
  const { totalMs, chainMs } = criticalPath(timeline);
  return { minutes: totalMs / 60_000, chainMinutes: chainMs / 60_000 };
}

/** All starts on one lab, in their order. */
async function sample(seed: number, take: (start: Start, sample: Sample) => void): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'waa-bench-'));
  const lab = await startLab({
    pid: process.pid,
    seed,
    scale: Number(values.scale),
    slackRealMs: Number(values.slack),
  });
  try {
    for (const start of STARTS) {
      if (start.before) await once(lab, home, start.before);
      take(start, await once(lab, home, start.begin));
    }
  } finally {
    lab.stop();
    await lab.stopped;
    rmSync(home, { recursive: true, force: true });
  }
}

const samples = new Map<Start, Sample[]>(STARTS.map((start) => [start, []]));
const lateness = monitorEventLoopDelay({ resolution: 10 });
lateness.enable();
const cpu = process.cpuUsage();
const began = performance.now();
await Promise.all(
  Array.from({ length: Number(values.samples) }, (_, index) =>
    sample(index + 1, (start, taken) => samples.get(start)?.push(taken)),
  ),
);
const { user, system } = process.cpuUsage(cpu);
const realS = (performance.now() - began) / 1000;

console.log(`lab minutes at scale ${values.scale}, ${values.samples} labs side by side`);
console.log('start                    n  median    min    max  limit  over its chain');
for (const [{ name, limit }, taken] of samples) {
  const minutes = taken.map((one) => one.minutes);
  const ratio = median(taken.map((one) => one.minutes / one.chainMinutes)) ?? Number.NaN;
  const cells: readonly (readonly [string, number])[] = [
    [String(taken.length), 3],
    [(median(minutes) ?? Number.NaN).toFixed(2), 7],
    [Math.min(...minutes).toFixed(2), 6],
    [Math.max(...minutes).toFixed(2), 6],
    [String(limit), 6],
    // Where everything is up there is nothing to do, and no chain of it.
    [Number.isFinite(ratio) ? ratio.toFixed(3) : '-', 15],
  ];
  console.log(`${name.padEnd(23)}${cells.map(([text, width]) => text.padStart(width)).join(' ')}`);
}
const cpuS = (user + system) / 1e6;
console.log(
  `${realS.toFixed(0)} s, ${cpuS.toFixed(0)} s CPU, event loop late by ${(lateness.percentile(50) / 1e6).toFixed(0)} ms ` +
    `(median), ${(lateness.percentile(99) / 1e6).toFixed(0)} ms (99 of 100)`,
);
