/**
 * A pool of N workers from nothing to ready, in one process: lab time against that of one worker, and what it costs the
 * machine it runs on. The lab is another process.
 *
 *   npm run bench:pool [-- --workers 1,10,100 --scale 30 --slack 5000]
 *
 * Every step takes its middle time, the same for each worker; --spread draws it, and then the slowest of many is waited
 * for. The smaller the scale, the less this machine's own slowness counts as lab time.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { workerNames } from '../src/deployment/names.js';
import { Deadline } from '../src/health/deadline.js';
import type { LabEndpoints } from '../src/lab/lab-endpoints.js';
import { bringUp } from '../src/operations/bring-up.js';
import { prepareRecord } from '../src/operations/prepare-record.js';
import { withDeployment } from '../src/operations/with-deployment.js';
import { openSession } from '../src/runtime/open-session.js';
import { callOf } from '../test/helpers/lab-session.js';

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '1,10,25' },
    scale: { type: 'string', default: '30' },
    slack: { type: 'string', default: '5000' },
    spread: { type: 'boolean', default: false },
  },
});
/** A cold start of one worker takes some half an hour; four times that and something is wrong. */
const LIMIT_MS = 2 * 3_600_000;

interface Sample {
  readonly minutes: number;
  readonly ready: number;
  readonly faults: number;
  readonly peakMb: number;
  readonly cpuS: number;
  readonly labCpuS: number;
  readonly requests: number;
  readonly writes: number;
  /** Most writes and deletes within any minute of lab time. */
  readonly writesAMinute: number;
  readonly throttled: number;
}

async function measure(workers: number): Promise<Sample> {
  const home = mkdtempSync(join(tmpdir(), 'waa-bench-'));
  const script = fileURLToPath(new URL('pool-lab.ts', import.meta.url));
  const lab = fork(script, [values.scale, String(workers), values.slack, String(values.spread)]);
  try {
    const [endpoints] = (await once(lab, 'message')) as [LabEndpoints];
    const session = await openSession(callOf(home, {}, new AbortController().signal), { lab: { endpoints, home } });
    const counts = { requests: 0, throttled: 0, faults: 0 };
    const writesAt: number[] = [];
    session.observe({
      name: 'counter',
      consume(event) {
        if (event.type === 'layer.fault') counts.faults += 1;
        if (event.type !== 'arm.request') return;
        counts.requests += 1;
        if (event.data.method !== 'GET') writesAt.push(event.at);
        if (event.data.status === 429) counts.throttled += 1;
      },
    });
    let peak = 0;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 100);
    const { region, vmSize } = session.config.azure;
    const place = { region, vmSize, spot: false, workers: [...workerNames(workers)], minWorkers: 1 };
    await prepareRecord(session, 'bench', { place });
    const cpu = process.cpuUsage();
    const began = session.clock.now();
    const pool = await withDeployment(session, { name: 'bench', exclusive: true }, async (open) => {
      using deadline = Deadline.after(LIMIT_MS, session.clock, session.signal);
      return await bringUp(session, open, deadline);
    });
    const minutes = (session.clock.now() - began) / 60_000;
    const { user, system } = process.cpuUsage(cpu);
    clearInterval(watch);
    await session.close();
    for (const { worker, fault } of pool.failed) console.error(`${worker}: ${fault.code} ${fault.message}`);
    const labCpuS = cpuSecondsOf(lab.pid ?? 0);
    return {
      minutes,
      ready: pool.outputs.length,
      peakMb: peak / 1024 ** 2,
      cpuS: (user + system) / 1e6,
      labCpuS,
      writes: writesAt.length,
      writesAMinute: mostWithin(writesAt, 60_000),
      ...counts,
    };
  } finally {
    lab.disconnect();
    await once(lab, 'exit');
    rmSync(home, { recursive: true, force: true });
  }
}

/** The largest number of moments that lie within one stretch of time. */
function mostWithin(moments: readonly number[], ms: number): number {
  const counts = moments.map((first, index) => moments.slice(index).findIndex((later) => later > first + ms));
  return Math.max(0, ...counts.map((count, index) => (count < 0 ? moments.length - index : count)));
}

/** User and system time of another process, where there is a /proc (ticks are hundredths of a second on Linux). */
function cpuSecondsOf(pid: number): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return Number.NaN;
  const fields = readFileSync(file, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

console.log(`scale ${values.scale}, one process for all workers, the lab in another`);
console.log(
  'workers  ready  faults  lab min  ratio  peak MB  MB/worker  CPU s  CPU s/worker  lab CPU s  ARM/worker  writes/worker  ' +
    'writes/min  429',
);
let one: Sample | undefined;
for (const workers of values.workers.split(',').map(Number)) {
  const sample = await measure(workers);
  one ??= sample;
  const { minutes, ready, faults, peakMb, cpuS, labCpuS, requests, writes, writesAMinute, throttled } = sample;
  const cells: readonly (readonly [string, number])[] = [
    [String(workers), 7],
    [String(ready), 6],
    [String(faults), 7],
    [minutes.toFixed(1), 8],
    [(minutes / one.minutes).toFixed(2), 6],
    [peakMb.toFixed(0), 8],
    [((peakMb - one.peakMb) / Math.max(1, workers - 1)).toFixed(1), 10],
    [cpuS.toFixed(1), 6],
    [(cpuS / workers).toFixed(2), 13],
    [labCpuS.toFixed(1), 10],
    [(requests / workers).toFixed(1), 11],
    [(writes / workers).toFixed(1), 14],
    [String(writesAMinute), 11],
    [String(throttled), 4],
  ];
  console.log(cells.map(([text, width]) => text.padStart(width)).join(' '));
}
