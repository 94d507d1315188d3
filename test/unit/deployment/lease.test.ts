import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { needsRenewal, newLease, nextFiring, pausedAge, shutdownTime } from '../../../src/deployment/lease.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (text: string): number => Date.parse(text);

describe('the shutdown time Azure is told', () => {
  it('is the end of the lease, rounded up to the minute', () => {
    expect(shutdownTime(newLease(at('2026-03-01T10:20:30Z'), 2), at('2026-03-01T10:20:30Z'))).toEqual({
      timeUtc: '1221',
      firesAtMs: at('2026-03-01T12:21:00Z'),
    });
  });
  it('goes past midnight', () => {
    expect(shutdownTime(newLease(at('2026-03-01T23:30:00Z'), 2), at('2026-03-01T23:30:00Z')).timeUtc).toBe('0130');
  });
  it('is never in the next few minutes, which Azure might take for tomorrow', () => {
    const now = at('2026-03-01T10:00:00Z');
    expect(shutdownTime({ endsAtMs: now - 5000 }, now).timeUtc).toBe('1010');
  });
  it('of a lease over 24 h is the farthest possible and says when to move it on', () => {
    const now = at('2026-03-01T10:00:00Z');
    expect(shutdownTime(newLease(now, 48), now)).toEqual({
      timeUtc: '0945',
      firesAtMs: at('2026-03-02T09:45:00Z'),
      renewByMs: at('2026-03-02T08:45:00Z'),
    });
  });
  it('always comes next exactly when it says, between 10 minutes and a day ahead, and never before a short lease ends', () => {
    const anyHours = fc.double({ min: 0.01, max: 400, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * DAY }), anyHours, (offset, hours) => {
        const now = at('2026-02-25T00:00:00Z') + offset;
        const lease = newLease(now, hours);
        const { timeUtc, firesAtMs, renewByMs } = shutdownTime(lease, now);
        expect(nextFiring(timeUtc, now)).toBe(firesAtMs);
        expect(firesAtMs - now).toBeGreaterThanOrEqual(10 * 60_000);
        expect(firesAtMs - now).toBeLessThan(DAY);
        if (renewByMs === undefined) expect(firesAtMs).toBeGreaterThanOrEqual(lease.endsAtMs);
        else expect(renewByMs).toBeLessThan(firesAtMs);
      }),
    );
  });
});

describe('renewal', () => {
  const now = at('2026-03-01T10:00:00Z');
  it.each([
    [undefined, true],
    ['1200', false],
    ['1155', false],
    ['1150', true],
    ['0900', true],
    ['25:0', true],
  ])('from %s for a lease until 12:00: %s', (current, expected) => {
    expect(needsRenewal(current, newLease(now, 2), now)).toBe(expected);
  });
});

it.each([
  ['2460', undefined],
  ['12:0', undefined],
  ['', undefined],
  ['1000', at('2026-03-02T10:00:00Z')],
])('next %s', (time, expected) => {
  expect(nextFiring(time, at('2026-03-01T10:00:00Z'))).toBe(expected);
});

it.each([
  [6.9, 'fine'],
  [7, 'warn'],
  [13, 'last-day'],
  [14, 'delete'],
  [90, 'delete'],
])('paused for %s days: %s', (days, expected) => {
  expect(pausedAge(0, days * DAY)).toBe(expected);
});
