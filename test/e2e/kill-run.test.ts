import { afterAll, beforeAll, expect, it } from 'vitest';
import { shippedTaskIndex } from '../../src/benchmark/task-index.js';
import { createCliHome, type CliHome } from '../helpers/cli.js';
import { mulberry32 } from '../../src/seeded-random.js';
import { runThrough, runWithKills } from '../helpers/kill-run.js';

let cli: CliHome;
beforeAll(() => {
  cli = createCliHome();
});
afterAll(() => cli.dispose());

const clock = shippedTaskIndex().tasks.flatMap((task) => (task.domain === 'clock' ? [task.id] : []));

it('a run killed three times comes to the results of one that was left alone', async () => {
  const up = await cli.run(['--lab', '--json', 'up', '--yes']);
  expect(up.exitCode, up.stdout).toBe(0);
  const calm = await runThrough(cli, { clock }, {});
  const rough = await runWithKills(cli, { clock }, 3, mulberry32(4), {});
  expect(rough.kills).toBeGreaterThan(0);
  expect(rough.results).toEqual(calm.results);
  expect(rough.doubled).toEqual([]);
}, 120_000);
