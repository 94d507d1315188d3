import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  needsRenewal,
  newLease,
  nextFiring,
  pausedAge,
  renewEveryMs,
  shutdownTime,
} from '../../../src/deployment/lease.js';

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
  it('of a lease over 24 h is the farthest possible', () => {
    const now = at('2026-03-01T10:00:00Z');
    expect(shutdownTime(newLease(now, 48), now)).toEqual({
      timeUtc: '0945',
      firesAtMs: at('2026-03-02T09:45:00Z'),
    });
  });
  it('always comes next exactly when it says, between 10 minutes and a day ahead, and never before a short lease ends', () => {
    const anyHours = fc.double({ min: 0.01, max: 400, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * DAY }), anyHours, (offset, hours) => {
        const now = at('2026-02-25T00:00:00Z') + offset;
        const lease = newLease(now, hours);
        const { timeUtc, firesAtMs } = shutdownTime(lease, now);
        expect(nextFiring(timeUtc, now)).toBe(firesAtMs);
        expect(firesAtMs - now).toBeGreaterThanOrEqual(10 * 60_000);
        expect(firesAtMs - now).toBeLessThan(DAY);
        if (hours < 23) expect(firesAtMs).toBeGreaterThanOrEqual(lease.endsAtMs);
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
  it.each([0.01, 0.1, 0.2, 0.3, 1, 2, 24, 336])(
    'of a lease of %s h keeps its end five minutes away from work',
    (hours) => {
      let set = shutdownTime(newLease(now, hours), now);
      for (let moment = now; moment < now + (3 + 2 * hours) * HOUR; moment += renewEveryMs(hours) / 2) {
        expect(set.firesAtMs - moment).toBeGreaterThan(5 * 60_000);
        const lease = newLease(moment, hours);
        if (needsRenewal(set.timeUtc, lease, moment)) set = shutdownTime(lease, moment);
      }
    },
  );
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

describe('a lease that is kept by activity', () => {
  const MINUTE = 60_000;
  /** Azure's side: once a day at HHMM, whoever set it. */
  const firstFiring = (sets: readonly { at: number; timeUtc: string }[], untilMs: number): number | undefined => {
    for (const [index, { at: setAt, timeUtc }] of sets.entries()) {
      const fires = nextFiring(timeUtc, setAt);
      if (fires !== undefined && fires < (sets[index + 1]?.at ?? untilMs)) return fires;
    }
    return undefined;
  };
  const start = fc.integer({ min: 0, max: 3 * DAY }).map((offset) => at('2026-02-27T12:00:00Z') + offset);
  const hours = fc.double({ min: 0.5, max: 400, noNaN: true });
  const days = fc.integer({ min: 1, max: 4 });

  it('never fires while it is renewed at every eighth of its length, over midnights and for leases of weeks', () => {
    fc.assert(
      fc.property(start, hours, days, (from, length, forDays) => {
        const step = renewEveryMs(length);
        const sets: { at: number; timeUtc: string }[] = [];
        for (let now = from; now < from + forDays * DAY; now += step) {
          const lease = newLease(now, length);
          const current = sets.at(-1)?.timeUtc;
          if (needsRenewal(current, lease, now)) sets.push({ at: now, timeUtc: shutdownTime(lease, now).timeUtc });
        }
        expect(firstFiring(sets, from + forDays * DAY)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it('fires within the lease and some minutes, or within a day, once nobody renews it', () => {
    fc.assert(
      fc.property(start, hours, (from, length) => {
        const lease = newLease(from, length);
        const fires = nextFiring(shutdownTime(lease, from).timeUtc, from) ?? Infinity;
        expect(fires - from).toBeLessThanOrEqual(Math.min(Math.max(length * HOUR, 10 * MINUTE) + MINUTE, DAY));
      }),
    );
  });
});
