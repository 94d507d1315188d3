import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planSweep, type KnownHere, type SweptGroup } from '../../../src/deployment/sweep-plan.js';
import { readTags } from '../../../src/deployment/tags.js';
import { vmOf } from '../../helpers/fake-arm-client.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const now = Date.parse('2026-03-20T12:00:00Z');
const iso = (ms: number): string => new Date(ms).toISOString();
const idle: KnownHere = { isBusy: false, openAttempts: 0, usedAtMs: now - 2 * HOUR };
const terms = { nowMs: now, idleMs: HOUR };

function group(more: Partial<SweptGroup> = {}, tags: Record<string, string> = {}, state = 'Succeeded'): SweptGroup {
  const all = { 'waa-deployment': 'demo', 'waa-owner': 'ada', 'waa-expires': iso(now + 14 * DAY), ...tags };
  const read = readTags(all);
  if (!read) throw new Error('no tags');
  return {
    group: { name: 'waa-demo', region: 'eastus', tags: all, provisioningState: state },
    tags: read,
    vms: [],
    guarded: new Set(['waa-demo-w0']),
    leftovers: [],
    ...more,
  };
}
const vm = (power: Parameters<typeof vmOf>[2], changedAtMs?: number) =>
  vmOf('waa-demo', 'waa-demo-w0', power, { changedAtMs });
/** Last used so many days ago, and deallocated then. */
const paused = (days: number, tags: Record<string, string> = {}) =>
  group({ vms: [vm('deallocated', now - days * DAY)] }, { 'waa-expires': iso(now + (14 - days) * DAY), ...tags });
const actions = (...args: Parameters<typeof planSweep>) => planSweep(...args).map(({ action }) => action);

describe('a running deployment', () => {
  it('in use is left alone', () => {
    const used = { ...idle, usedAtMs: now - 10 * 60_000 };
    expect(planSweep(group({ vms: [vm('running')] }), used, terms)).toEqual([]);
  });
  it('that nobody uses and that has nothing queued is paused', () => {
    expect(actions(group({ vms: [vm('running')] }), idle, terms)).toEqual(['pause']);
  });
  it('with an attempt that may still run is not idle', () => {
    expect(actions(group({ vms: [vm('running')] }), { ...idle, openAttempts: 1 }, terms)).toEqual([]);
  });
  it('is never paused for idleness when that is off', () => {
    expect(actions(group({ vms: [vm('running')] }), idle, { ...terms, idleMs: 0 })).toEqual([]);
  });
  it('without a schedule is given one, also when this machine does not know it', () => {
    const seen = group({ vms: [vm('running')], guarded: new Set() });
    expect(actions(seen, undefined, terms)).toEqual(['guard', 'none']);
  });
  it('that is off but holds its place is deallocated', () => {
    expect(actions(group({ vms: [vm('stopped')] }), { ...idle, usedAtMs: now }, terms)).toEqual(['deallocate']);
  });
  it('a command works on is not touched at all', () => {
    const seen = group({ vms: [vm('stopped')], guarded: new Set() });
    expect(planSweep(seen, { ...idle, isBusy: true }, terms)).toEqual([]);
  });
});

describe('a paused deployment', () => {
  it.each([
    [0, []],
    [6.9, []],
    [7, ['none']],
    [12.9, ['none']],
    [13, ['notice']],
    [40, ['notice']],
  ])('after %s days: %j', (days, expected) => {
    expect(actions(paused(days), idle, terms)).toEqual(expected);
  });
  it('is deleted only a day after it was announced, however old', () => {
    const noticed = (hours: number) => paused(40, { 'waa-notice': iso(now - hours * HOUR) });
    expect(actions(noticed(23), idle, terms)).toEqual(['none']);
    expect(actions(noticed(24), idle, terms)).toEqual(['delete']);
  });
  it('that was used since is announced anew, also by who started its VM in the portal and left the notice there', () => {
    expect(actions(paused(14, { 'waa-notice': iso(now - 15 * DAY) }), idle, terms)).toEqual(['notice']);
  });
  it('whose results are not home is kept', () => {
    const seen = paused(40, { 'waa-notice': iso(now - 3 * DAY) });
    expect(planSweep(seen, { ...idle, openAttempts: 2 }, terms)).toMatchObject([{ action: 'none' }]);
  });
  it('that somebody used since the tag was written is not old', () => {
    const seen = group({ vms: [vm('deallocated', now - DAY)] }, { 'waa-expires': iso(now - DAY) });
    expect(actions(seen, idle, terms)).toEqual([]);
  });
  it('with a date nobody can read is never deleted, which is told', () => {
    const seen = group({}, { 'waa-expires': 'soon', 'waa-notice': iso(now - 9 * DAY) });
    expect(planSweep(seen, idle, terms)).toMatchObject([
      { action: 'none', text: expect.stringMatching(/waa-expires.*waa down --name demo/) as unknown },
    ]);
  });
  it('that is being deleted is left alone', () => {
    expect(planSweep(group({}, { 'waa-expires': iso(0) }, 'Deleting'), idle, terms)).toEqual([]);
  });
});

describe('what a finding says', () => {
  const says = (...args: Parameters<typeof planSweep>) => planSweep(...args)[0];
  const two = [vm('running'), vmOf('waa-demo', 'waa-demo-w1', 'running')];

  it('names the VM, and how many there are of it', () => {
    const text = 'waa-demo-w1 of 2 runs without a shutdown schedule';
    const used = { ...idle, usedAtMs: now };
    expect(says(group({ vms: two }), used, terms)).toMatchObject({ action: 'guard', vm: 'waa-demo-w1', text });
    const alone = group({ vms: [vm('running')], guarded: new Set() });
    expect(says(alone, used, terms)?.text).toBe('waa-demo-w0 runs without a shutdown schedule');
    const off = { vm: 'waa-demo-w0', text: 'waa-demo-w0 is off and still billed' };
    expect(says(group({ vms: [vm('stopped')] }), used, terms)).toMatchObject(off);
  });

  it('says how long nobody used it, from the very minute at which that is too long', () => {
    const text = 'nothing is queued and nobody used it for 60 min';
    const used = { ...idle, usedAtMs: now - HOUR };
    expect(says(group({ vms: [vm('running')] }), used, terms)).toEqual({
      deployment: 'demo',
      group: 'waa-demo',
      action: 'pause',
      text,
    });
  });

  // Today is the 20th at noon.
  it.each([
    [9, {}, 'paused for 9 days; it will be deleted on 2026-03-25'],
    [13, {}, 'paused for 13 days; it will be deleted after 2026-03-21 12:00 UTC'],
    [40, {}, 'paused for 40 days; it will be deleted after 2026-03-21 12:00 UTC'],
    [13, { 'waa-notice': iso(now) }, 'paused for 13 days; it will be deleted after 2026-03-21 12:00 UTC'],
    [40, { 'waa-notice': iso(now - 20 * HOUR) }, 'paused for 40 days; it will be deleted after 2026-03-20 16:00 UTC'],
    [40, { 'waa-notice': iso(now - 2 * DAY) }, 'paused for 40 days, announced on 2026-03-18'],
  ])('says of one paused for %i days with %j when it goes', (days, tags, text) => {
    expect(says(paused(days, tags), idle, terms)?.text).toBe(text);
  });

  it('says what keeps one that would be deleted, and how to get a record of one without', () => {
    const seen = paused(40, { 'waa-notice': iso(now - 3 * DAY) });
    const kept = 'paused for 40 days; kept because 2 attempts are not home: waa run --resume';
    expect(says(seen, { ...idle, openAttempts: 2 }, terms)?.text).toBe(kept);
    const unknown = group({ vms: [vm('running')] });
    expect(says(unknown, undefined, terms)?.text).toBe('not known on this machine: waa adopt demo');
  });
});

it('parts of VMs that are gone are told of, not touched', () => {
  const leftover = { id: 'x', name: 'waa-demo-w3-nic', type: 'Microsoft.Network/networkInterfaces', tags: {} };
  const [finding] = planSweep(group({ leftovers: [leftover] }), idle, terms);
  expect(finding).toMatchObject({ action: 'none', text: expect.stringContaining('waa-demo-w3-nic') as unknown });
});

it('deletes nothing that runs, was used within 14 days, or was not announced a day before', () => {
  // Quarters of a day are whole milliseconds and exact fractions: a tag holds the time that was drawn.
  const days = (min: number, max: number) => fc.integer({ min: min * 4, max: max * 4 }).map((quarters) => quarters / 4);
  const any = fc.record({
    power: fc.constantFrom('running' as const, 'deallocated' as const, 'stopped' as const, 'starting' as const),
    changedDays: days(0, 60),
    expiresDays: days(-40, 30),
    noticeDays: fc.option(days(0, 40)),
    known: fc.boolean(),
  });
  fc.assert(
    fc.property(any, ({ power, changedDays, expiresDays, noticeDays, known }) => {
      const tags: Record<string, string> = { 'waa-expires': iso(now + expiresDays * DAY) };
      if (noticeDays !== null) tags['waa-notice'] = iso(now - noticeDays * DAY);
      const seen = group({ vms: [vm(power, now - changedDays * DAY)] }, tags);
      if (!actions(seen, known ? idle : undefined, terms).includes('delete')) return;
      expect(power).toBe('deallocated');
      expect(changedDays).toBeGreaterThanOrEqual(14);
      expect(expiresDays).toBeLessThanOrEqual(0);
      expect(noticeDays).toBeGreaterThanOrEqual(1);
    }),
  );
});
