import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHistory } from '../../../src/state/history.js';
import { median } from '../../../src/state/median.js';

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'waa-history-'));
  file = join(home, 'history', 'durations.jsonl');
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const entry = (durationMs: number, more: object = {}) => ({
  at: 1,
  step: 'vm.provision',
  durationMs,
  ok: true,
  home: 'azure',
  ...more,
});

describe('history', () => {
  it('expects the median of earlier successes, also in the next process', async () => {
    const history = await openHistory(file, 'azure');
    expect(history.expectedMs('vm.provision')).toBeUndefined();
    for (const ms of [100, 900, 200]) await history.record(entry(ms));
    await history.record(entry(5, { ok: false }));
    await history.record(entry(7, { step: 'other' }));
    expect(history.expectedMs('vm.provision')).toBe(200);
    expect((await openHistory(file, 'azure')).expectedMs('vm.provision')).toBe(200);
  });

  it('forgets what is long ago', async () => {
    const history = await openHistory(file, 'azure');
    for (let index = 0; index < 20; index += 1) await history.record(entry(1_000));
    for (let index = 0; index < 20; index += 1) await history.record(entry(10));
    expect(history.expectedMs('vm.provision')).toBe(10);
  });

  it('does not mix the lab with the cloud', async () => {
    await (await openHistory(file, 'lab')).record(entry(5, { home: 'lab' }));
    expect((await openHistory(file, 'azure')).expectedMs('vm.provision')).toBeUndefined();
  });

  it('passes over torn lines and closes them off', async () => {
    await (await openHistory(file, 'azure')).record(entry(10));
    writeFileSync(file, '{"v":1,"at', { flag: 'a' });
    await (await openHistory(file, 'azure')).record(entry(30));
    expect((await openHistory(file, 'azure')).expectedMs('vm.provision')).toBe(20);
  });

  it('says why it cannot be written', async () => {
    const history = await openHistory(file, 'azure');
    writeFileSync(join(home, 'history'), '');
    await expect(history.record(entry(1))).rejects.toMatchObject({ code: 'OWN_STATE_UNWRITABLE' });
  });
});

describe('median', () => {
  it('lies in the middle', () => {
    expect(median([])).toBeUndefined();
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const middle = median(values) ?? Number.NaN;
        expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });
});
