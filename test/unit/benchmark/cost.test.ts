import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCost, workerSpans, type RunPrices } from '../../../src/benchmark/cost.js';
import type { QueueLine } from '../../../src/benchmark/run-record.js';
import { mayBegin } from '../../../src/deployment/cost.js';

const HOUR = 3_600_000;
const prices: RunPrices = { vmUsdPerHour: 0.5, storageUsdPerDay: 2.4, source: 'retail', asOf: '2026-01-01' };
const lines: readonly QueueLine[] = [
  { type: 'opened', at: 0, workers: ['w0', 'w1'] },
  { type: 'started', at: HOUR, task: 'a/1', attempt: 1, worker: 'w0', until: 2 * HOUR },
  // The night between two openings is not the run's.
  { type: 'opened', at: 10 * HOUR, workers: ['w0'] },
  { type: 'returned', at: 11 * HOUR, task: 'a/1', attempt: 1, worker: 'w0', reason: 'x' },
];

describe('what a run costs', () => {
  it('is every worker from each opening to the last sign of it', () => {
    expect(workerSpans(lines).map((span) => [span.worker, span.fromMs, span.toMs])).toEqual([
      ['w0', 0, HOUR],
      ['w1', 0, HOUR],
      ['w0', 10 * HOUR, 11 * HOUR],
    ]);
    expect(runCost(lines, prices)).toMatchObject({ workerHours: 3, computeUsd: 1.5 });
    expect(runCost(lines, prices).totalUsd).toBeCloseTo(3 * 0.6, 9);
  });

  it('counts workers that were brought up, or mended, and did nothing', () => {
    const idle: QueueLine[] = [
      { type: 'opened', at: 0, workers: ['w0'] },
      { type: 'closed', at: 2 * HOUR },
    ];
    expect(runCost(idle, prices)).toMatchObject({ workerHours: 2, idleUsd: runCost(idle, prices).totalUsd });
  });

  it('goes on for the last opening while the run goes on', () => {
    expect(runCost(lines, prices, 13 * HOUR).workerHours).toBe(5);
  });
});

describe('a budget', () => {
  it('is never passed by tasks that end within their limit', () => {
    const amount = fc.double({ min: 0, max: 1000, noNaN: true });
    fc.assert(
      fc.property(amount, amount, fc.integer({ min: 0, max: 10 * HOUR }), amount, (usd, hourlyUsd, limitMs, maxUsd) => {
        if (!mayBegin({ usd, hourlyUsd }, limitMs, maxUsd)) return;
        expect(usd + hourlyUsd * (limitMs / HOUR)).toBeLessThanOrEqual(maxUsd);
      }),
    );
  });
});
