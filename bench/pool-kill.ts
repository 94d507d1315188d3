/**
 * Kills `waa pool-create` with SIGKILL at random moments and proves that `waa pool-cleanup` finds everything: in two cycles
 * of three after the state of this machine is lost, in one of them after `waa adopt`, which must know every worker of whom
 * anything stands. What others have in the subscription stays as it was.
 *
 *   npm run build && npm run bench:pool-kill [-- --cycles 10 --workers 10 --seed 1 --scale 300]
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCliHome } from '../test/helpers/cli.js';
import { listThroughArm, putForeignGroup, runAndKill } from '../test/helpers/kill-resume.js';
import { mulberry32 } from '../src/seeded-random.js';

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '10' },
    workers: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    scale: { type: 'string', default: '300' },
    /** Longest time before a kill, in real ms. */
    within: { type: 'string', default: '15000' },
  },
});
/** What becomes of this machine's state after the kill. */
const STATES = ['adopted', 'kept', 'lost'] as const;

interface Adopted {
  readonly result?: { readonly deployment: { readonly workers: readonly string[] } };
}

const workersIn = (rows: readonly string[]): readonly string[] => [
  ...new Set(rows.flatMap((row) => /waa-p-(w\d+)/.exec(row)?.[1] ?? [])),
];

const env = { WAA_LAB_SCALE: values.scale, WAA_LAB_SLACK_MS: '8000' };
const random = mulberry32(Number(values.seed));
const cli = createCliHome();
let bad = 0;
try {
  await cli.run(['lab', 'start', '--scale', values.scale], { env });
  await putForeignGroup(cli, 'waa-precious');
  const before = await listThroughArm(cli);
  console.log('cycle  killed after       state  stood there  left  cleaned in');
  for (let cycle = 1; cycle <= Number(values.cycles); cycle += 1) {
    const create = ['--lab', '--json', 'pool-create', '--yes', '--name', 'p', '--workers', values.workers];
    const afterMs = Math.round(random() * Number(values.within));
    const { killed, stdout } = await runAndKill(cli, create, { text: 'begins', afterMs }, { env });
    const standing = (await listThroughArm(cli)).filter((row) => !before.includes(row));
    const stood = standing.length;
    const state = STATES[cycle % STATES.length] ?? 'kept';
    if (state !== 'kept') rmSync(join(cli.home, 'lab', 'home', 'deployments'), { recursive: true, force: true });
    if (state === 'adopted' && stood > 0) {
      const { stdout: told } = await cli.run(['--lab', '--json', 'adopt', 'p'], { env });
      const known = (JSON.parse(told) as Adopted).result?.deployment.workers ?? [];
      const unknown = workersIn(standing).filter((worker) => !known.includes(worker));
      if (unknown.length > 0) {
        bad += 1;
        console.log(`not adopted: ${unknown.join(', ')}\n${told}`);
      }
    }
    const began = performance.now();
    const cleanup = await cli.run(['--lab', '--json', 'pool-cleanup', '--yes', '--name', 'p'], { env });
    const after = await listThroughArm(cli);
    const left = after.filter((row) => !before.includes(row));
    const missing = before.filter((row) => !after.includes(row));
    if (!killed) console.log(`pool-create was over before: ${/"code": "(\w+)"/.exec(stdout)?.[1] ?? 'ready'}`);
    // Stopped before it had made anything, there may be nothing to find.
    const isFine = cleanup.exitCode === 0 || (stood === 0 && cleanup.stdout.includes('NOT_FOUND'));
    if (left.length > 0 || missing.length > 0 || !isFine) {
      bad += 1;
      console.log(`left: ${left.join(', ')}; missing: ${missing.join(', ')}\n${cleanup.stdout}`);
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const cells = [String(cycle), killed ? `${afterMs} ms` : 'was over', state, String(stood)];
    const widths = [5, 12, 10, 11];
    const front = cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join('  ');
    console.log(`${front}  ${String(left.length).padStart(4)}  ${seconds.padStart(8)} s`);
  }
} finally {
  await cli.dispose();
}
console.log(bad === 0 ? 'nothing leaked; what others have was not touched' : `${bad} cycles went wrong`);
process.exitCode = bad === 0 ? 0 : 1;
