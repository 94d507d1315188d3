/**
 * Kills `waa up` with SIGKILL at random moments and proves that `waa up --resume` ends as if nothing had happened. Each
 * cycle is independent: an empty home, a lab of its own, `up` killed at a random moment of its usual duration, `up
 * --resume`, a look through ARM and into the lab's books, `down`, a look again.
 *
 *   npm run build && npm run bench:kill [-- --cycles 25 --seed 1 --scale 600]
 */
import { parseArgs } from 'node:util';
import { createCliHome, type CliHome } from '../test/helpers/cli.js';
import { anomaliesOf, faultsOf, journalOf, listThroughArm, runAndKill } from '../test/helpers/kill-resume.js';
import { mulberry32 } from '../src/seeded-random.js';

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '25' },
    seed: { type: 'string', default: '1' },
    scale: { type: 'string', default: '600' },
    /** Another bundle than dist/waa.js. */
    script: { type: 'string' },
  },
});
const env = { WAA_LAB_SCALE: values.scale, WAA_LAB_SLACK_MS: '6000' };
const UP = ['--lab', '--json', 'up', '--yes'];

interface Cycle {
  readonly killedAfterMs: number;
  /** The last thing in the journal at the kill. */
  readonly last: string;
  readonly resumed: readonly string[];
  readonly readyMs: number;
  readonly anomalies: readonly string[];
}

async function inHome<T>(work: (cli: CliHome) => Promise<T>): Promise<T> {
  const cli = createCliHome(values.script);
  try {
    return await work(cli);
  } finally {
    await cli.dispose();
  }
}

async function timed<T>(work: Promise<T>): Promise<readonly [T, number]> {
  const began = performance.now();
  return [await work, Math.round(performance.now() - began)];
}

/** One uninterrupted `up`: how long it takes on this machine. */
function calibrate(): Promise<number> {
  return inHome(async (cli) => {
    const [up, ms] = await timed(cli.run(UP, { env }));
    if (up.exitCode !== 0) throw new Error(`up failed without being killed: ${up.stdout}`);
    for (const anomaly of await anomaliesOf(cli)) console.log(`uninterrupted: ${anomaly}`);
    return ms;
  });
}

function cycle(afterMs: number): Promise<Cycle> {
  return inHome(async (cli) => {
    const first = await runAndKill(cli, UP, { afterMs }, { env });
    const before = await journalOf(cli);
    const last = before.at(-1);
    const [resume, readyMs] = await timed(cli.run([...UP, '--resume'], { env }));
    const anomalies: string[] = [];
    if (resume.exitCode === 0) anomalies.push(...(await anomaliesOf(cli)), ...(await faultsOf(cli)));
    else anomalies.push(`up --resume ended with ${String(resume.exitCode)}: ${codeOf(resume.stdout)}`);
    const resumed = (await journalOf(cli))
      .slice(before.length)
      .flatMap((event) => (event.type === 'arm.operation' && event.data.state === 'resumed' ? [event.data.name] : []));
    const down = await cli.run(['--lab', '--json', 'down', '--yes'], { env });
    if (down.exitCode !== 0) anomalies.push(`down ended with ${String(down.exitCode)}: ${codeOf(down.stdout)}`);
    const left = await listThroughArm(cli);
    if (left.length > 0) anomalies.push(`after down ARM lists ${left.join(', ')}`);
    return {
      killedAfterMs: afterMs,
      last: first.killed ? (last ? `${last.type}: ${last.text}` : 'no journal yet') : 'was over already',
      resumed: [...new Set(resumed)],
      readyMs,
      anomalies,
    };
  });
}

function codeOf(stdout: string): string {
  try {
    const { error } = JSON.parse(stdout) as { readonly error?: { readonly code: string; readonly message: string } };
    return error ? `${error.code} ${error.message}` : stdout;
  } catch {
    return stdout;
  }
}

const cycles = Number(values.cycles);
const random = mulberry32(Number(values.seed));
const usualMs = await calibrate();
console.log(`${cycles} cycles, seed ${values.seed}, ${values.scale} times real time; up takes ${usualMs} ms`);
const done: Cycle[] = [];
for (let index = 0; index < cycles; index += 1) {
  const result = await cycle(Math.round(random() * usualMs));
  done.push(result);
  const { killedAfterMs, last, resumed, readyMs, anomalies } = result;
  const columns = [
    String(index + 1).padStart(3),
    `${killedAfterMs} ms`.padStart(8),
    `ready ${readyMs} ms`.padStart(15),
    last.slice(0, 60).padEnd(60),
    resumed.length > 0 ? `continued: ${resumed.join(', ')}` : '',
  ];
  console.log(columns.join('  ').trimEnd());
  for (const anomaly of anomalies) console.log(`       ${anomaly}`);
}
const ready = done.map((one) => one.readyMs).sort((a, b) => a - b);
const failed = done.filter((one) => one.anomalies.length > 0).length;
console.log(`time to ready: min ${ready[0]}, median ${ready[Math.floor(ready.length / 2)]}, max ${ready.at(-1)} ms`);
console.log(`${done.length - failed} of ${done.length} cycles without anomaly`);
process.exitCode = failed > 0 ? 1 : 0;
