import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../src/retry/backoff.js';
import { retryPolicies } from '../../../src/retry/policies.js';

describe('backoffMs', () => {
  it('waits 2, 4, 8, 16, 32 s without jitter', () => {
    const waits = [0, 1, 2, 3, 4].map((attempt) => backoffMs(retryPolicies.dockerDaemon, attempt, 0) / 1000);
    expect(waits).toEqual([2, 4, 8, 16, 32]);
  });

  it('adds at most a tenth as jitter and never exceeds the maximum by more', () => {
    const policy = fc.record({
      baseMs: fc.integer({ min: 1, max: 100_000 }),
      maxMs: fc.integer({ min: 1, max: 1_000_000 }),
    });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(policy, fc.integer({ min: 0, max: 2_000 }), share, (numbers, attempt, random) => {
        const plain = Math.min(numbers.baseMs * 2 ** attempt, numbers.maxMs);
        const wait = backoffMs(numbers, attempt, random);
        expect(wait).toBeGreaterThanOrEqual(plain);
        expect(wait).toBeLessThanOrEqual(plain * 1.1 + 1e-6);
      }),
    );
  });

  it('takes Retry-After as a floor', () => {
    expect(backoffMs({ baseMs: 1000, maxMs: 8000 }, 0, 0, 30_000)).toBe(30_000);
    expect(backoffMs({ baseMs: 1000, maxMs: 8000 }, 3, 0, 500)).toBe(8000);
  });
});

describe('retryPolicies', () => {
  it('keeps the table of requirement R2', () => {
    const policies = Object.entries(retryPolicies);
    const rows = policies.map(([name, { baseMs, attempts, maxMs }]) => [name, baseMs / 1000, attempts, maxMs / 1000]);
    expect(rows.slice(0, 5)).toEqual([
      ['dockerDaemon', 2, 5, 64],
      ['imagePull', 60, 3, 300],
      ['containerStart', 5, 5, 120],
      ['serverProbe', 5, 10, 60],
      ['taskApi', 1, 3, 10],
    ]);
  });
});
