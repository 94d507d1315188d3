import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LabSummary } from '../../src/lab/lab-summary.js';
import { createCliHome, documentOf, type CliHome } from '../helpers/cli.js';
import { booksOf, runAndKill, vmStatesThroughArm } from '../helpers/kill-resume.js';

const HOUR_MS = 3_600_000;
/** At 600x an hour is six real seconds. */
const env = { WAA_LAB_SCALE: '600', WAA_AZURE_AUTO_PAUSE_HOURS: '1' };

let cli: CliHome;
beforeEach(() => {
  cli = createCliHome();
});
afterEach(() => cli.dispose());

/** Waits for the lab's Azure; the limit is real time, the finding is lab time. */
async function meterStopped(): Promise<LabSummary['billed'][number]> {
  for (let look = 0; look < 150; look += 1) {
    const { billed } = await booksOf(cli);
    const [meter] = billed;
    if (meter && !meter.running) return meter;
    await sleep(100);
  }
  throw new Error('the bill goes on');
}

it.each([
  ['before SSH answers', /waiting for SSH/],
  ['in the middle of the set-up', 'docker ready'],
])(
  'the controller dies %s: Azure deallocates the VM at the end of the lease, and the bill stops',
  async (_, text) => {
    const killed = await runAndKill(cli, ['--lab', 'up', '--yes'], { text, afterMs: 0 }, { env });
    expect(killed.killed, killed.stderr).toBe(true);
    const before = await booksOf(cli);
    expect(before.billed).toMatchObject([{ name: 'waa-default-w0', running: true }]);
    const meter = await meterStopped();
    // A lease, the time before it was last renewed, Azure's lateness and the deallocation itself.
    expect(meter.billedMs).toBeLessThan(1.6 * HOUR_MS);
    expect(await vmStatesThroughArm(cli, 'waa-default', 'waa-default-w0')).toContain('PowerState/deallocated');
    await sleep(500);
    expect((await booksOf(cli)).billed).toEqual([meter]);

    // Nobody looked while it happened; the cost is right all the same.
    const cost = documentOf(await cli.run(['--lab', 'cost', '--json'], { env })).result as {
      deployments: { state: string; cost: { billedHours: number; hourlyUsd: number } }[];
    };
    const [deployment] = cost.deployments;
    expect(deployment?.state).toBe('paused');
    expect(deployment?.cost.billedHours).toBeCloseTo(meter.billedMs / HOUR_MS, 1);
    expect(deployment?.cost.hourlyUsd).toBeLessThan(0.2);
  },
  60_000,
);

it('a budget below the first hour is refused before anything is made', async () => {
  const refused = await cli.run(['--lab', 'up', '--yes', '--max-cost', '0.2', '--json'], { env });
  expect(documentOf(refused).error).toMatchObject({ code: 'OWN_GATE_REFUSED' });
  expect(documentOf(refused).error?.symptom).toContain('$0.2');
  expect(await booksOf(cli)).toMatchObject({ groups: [], billed: [] });
});

it('a damaged price cache and a damaged record of costs stop nothing', async () => {
  await cli.run(['--lab', 'cost'], { env });
  const home = join(cli.home, 'lab', 'home');
  for (const file of readdirSync(join(home, 'cache'))) writeFileSync(join(home, 'cache', file), '{"usd":');
  mkdirSync(join(home, 'history'), { recursive: true });
  writeFileSync(join(home, 'history', 'spend.jsonl'), '{"v":1,"at":');
  const again = await cli.run(['--lab', 'cost', '--json'], { env });
  expect(documentOf(again).result).toMatchObject({ estimate: { source: 'retail' } });
});
