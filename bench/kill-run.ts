/**
 * Kills `waa run` with SIGKILL ten times during one run, continues it each time with `waa run --resume`, and compares what
 * it came to with an uninterrupted run of the same tasks in the same lab.
 *
 *   npm run build && npm run bench:kill-run [-- --kills 10 --tasks 20 --seed 1]
 */
import { parseArgs } from 'node:util';
import { groupBy } from '../src/benchmark/group-by.js';
import { stratified } from '../src/benchmark/select-tasks.js';
import { shippedTaskIndex } from '../src/benchmark/task-index.js';
import { createCliHome } from '../test/helpers/cli.js';
import { mulberry32 } from '../src/seeded-random.js';
import { runThrough, runWithKills } from '../test/helpers/kill-run.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '10' },
    tasks: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});
const seed = Number(values.seed);
const groups = groupBy(stratified(shippedTaskIndex().tasks, Number(values.tasks), seed), (task) => task.domain);
const tasks = Object.fromEntries([...groups].map(([domain, list]) => [domain, list.map((task) => task.id)]));

const cli = createCliHome();
try {
  const up = await cli.run(['--lab', '--json', 'up', '--yes']);
  if (up.exitCode !== 0) throw new Error(`up failed: ${up.stdout}`);
  const calm = await runThrough(cli, tasks, {});
  const rough = await runWithKills(cli, tasks, Number(values.kills), mulberry32(seed), {});
  const unlike = rough.results.filter((line, index) => line !== calm.results[index]);
  console.log(
    `${calm.results.length} tasks; ${rough.kills} kills; ${rough.attempts} attempts, ${calm.attempts} without kills`,
  );
  console.log(`${unlike.length} results unlike those without kills, ${rough.doubled.length} counted twice`);
  for (const line of unlike) console.log(`  ${line}`);
  process.exitCode = unlike.length + rough.doubled.length > 0 ? 1 : 0;
} finally {
  await cli.dispose();
}
