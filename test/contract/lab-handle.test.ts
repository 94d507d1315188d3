import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { findLab, publishLab } from '../../src/lab/lab-handle.js';
import { startLab, type Lab } from '../../src/lab/lab.js';

const directory = mkdtempSync(join(tmpdir(), 'waa-lab-handle-'));
const labs: Lab[] = [];
afterEach(async () => {
  for (const lab of labs.splice(0)) {
    lab.stop();
    await lab.stopped;
  }
  rmSync(directory, { recursive: true, force: true });
});
async function lab(): Promise<Lab> {
  const started = await startLab({ pid: process.pid });
  labs.push(started);
  return started;
}

it('of labs that are started for one folder at once exactly one is published; after its end another may be', async () => {
  const both = [await lab(), await lab(), await lab()];
  const published = await Promise.all(both.map((one) => publishLab(directory, one.endpoints)));
  expect(published.filter(Boolean)).toHaveLength(1);
  const winner = both[published.indexOf(true)];
  expect((await findLab(directory))?.controlUrl).toBe(winner?.endpoints.controlUrl);
  winner?.stop();
  await winner?.stopped;
  const next = await lab();
  expect(await publishLab(directory, next.endpoints)).toBe(true);
  expect((await findLab(directory))?.controlUrl).toBe(next.endpoints.controlUrl);
});
