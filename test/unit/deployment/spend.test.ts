import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PowerState } from '../../../src/clients/arm/arm.js';
import {
  goneLines,
  linesOf,
  spendChanges,
  spendUntil,
  type SpendLine,
  type SpendTerms,
} from '../../../src/deployment/spend.js';

const HOUR = 3_600_000;
const terms: SpendTerms = {
  deployment: 'demo',
  createdAt: '2026-03-01T00:00:00.000Z',
  vmSize: 'Standard_D8ds_v5',
  region: 'eastus',
  vmUsdPerHour: 0.5,
  storageUsdPerDay: 2.4,
  source: 'retail',
  asOf: '2026-03-01',
};
const vm = (power: PowerState, changedAtMs?: number, createdAtMs = 0) => ({ power, changedAtMs, createdAtMs });
const look = (
  known: readonly SpendLine[],
  seen: ReturnType<typeof vm> | undefined,
  nowMs: number,
  more: Partial<SpendTerms> = {},
): readonly SpendLine[] => [
  ...known,
  ...spendChanges(known, [{ worker: 'w0', vm: seen }], { ...terms, ...more }, nowMs),
];

describe('the record of what is spent', () => {
  it('begins with the creation, however late the first look', () => {
    const lines = look([], vm('running', 90_000, 30_000), 2 * HOUR);
    expect(lines).toMatchObject([{ at: 30_000, power: 'billed' }]);
  });
  it('dates a pause that nobody saw by Azure', () => {
    let lines = look([], vm('running'), HOUR);
    lines = look(lines, vm('deallocated', 3 * HOUR), 40 * HOUR);
    const { total } = spendUntil(lines, 40 * HOUR);
    expect(total.billedHours).toBe(3);
    expect(total.computeUsd).toBeCloseTo(1.5);
    expect(total.storageUsd).toBeCloseTo(4);
    expect(total.hourlyUsd).toBeCloseTo(0.1);
  });
  it('of a VM first seen deallocated begins with its billed life', () => {
    const lines = look([], vm('deallocated', 2 * HOUR), 30 * HOUR);
    expect(spendUntil(lines, 30 * HOUR).total.billedHours).toBe(2);
  });
  it('carries the total over pause and resume, and bills a start from its beginning', () => {
    let lines = look([], vm('running'), HOUR);
    lines = look(lines, vm('deallocated', 2 * HOUR), 5 * HOUR);
    const started = spendChanges(
      lines,
      [{ worker: 'w0', vm: vm('running', 10.1 * HOUR) }],
      terms,
      10.2 * HOUR,
      10 * HOUR,
    );
    expect(spendUntil([...lines, ...started], 12 * HOUR).total.billedHours).toBe(4);
  });
  it('ends with the deletion, and a look after it adds nothing', () => {
    let lines = look([], vm('running'), HOUR);
    lines = look(lines, undefined, 2 * HOUR);
    expect(look(lines, undefined, 3 * HOUR)).toEqual(lines);
    expect(spendUntil(lines, 100 * HOUR).total).toMatchObject({ billedHours: 2, hourlyUsd: 0 });
  });
  it('ends every worker of one life without a look, once', () => {
    const w0 = look([], vm('running'), HOUR);
    const lines = [...w0, ...w0.map((line) => ({ ...line, worker: 'w1' }))];
    const ends = goneLines(lines, terms, 2 * HOUR);
    expect(ends).toMatchObject([
      { worker: 'w0', at: 2 * HOUR, power: 'gone' },
      { worker: 'w1', at: 2 * HOUR, power: 'gone' },
    ]);
    expect(spendUntil([...lines, ...ends], 100 * HOUR).total).toMatchObject({ billedHours: 4, hourlyUsd: 0 });
    expect(goneLines([...lines, ...ends], terms, 3 * HOUR)).toEqual([]);
    expect(goneLines(lines, { ...terms, worker: 'w1' }, 2 * HOUR)).toMatchObject([{ worker: 'w1', power: 'gone' }]);
    expect(goneLines(lines, { ...terms, createdAt: '2026-04-01T00:00:00.000Z' }, 3 * HOUR)).toEqual([]);
  });
  it('adds nothing for a worker that never was', () => {
    expect(look([], undefined, HOUR)).toEqual([]);
  });
  it('of a stopped VM goes on: it holds its place', () => {
    const lines = look(look([], vm('running'), HOUR), vm('stopped', 2 * HOUR), 3 * HOUR);
    expect(spendUntil(lines, 5 * HOUR).total.billedHours).toBe(5);
  });
  it('bills each stretch at its own price', () => {
    const lines = look(look([], vm('running'), HOUR), vm('running'), 2 * HOUR, { vmUsdPerHour: 1 });
    expect(spendUntil(lines, 4 * HOUR).total.computeUsd).toBeCloseTo(3);
  });
  it('keeps two lives of one name apart', () => {
    const first = look([], vm('running'), HOUR);
    const second = { ...terms, createdAt: '2026-04-01T00:00:00.000Z' };
    const both = [...first, ...spendChanges(first, [{ worker: 'w0', vm: vm('running') }], second, 2 * HOUR)];
    expect(linesOf(both, terms)).toHaveLength(1);
    expect(linesOf(both, second)).toHaveLength(1);
  });
  it('never runs backwards and never bills more than the time there was', () => {
    const power = fc.constantFrom<PowerState>('running', 'deallocated', 'stopped', 'starting');
    const step = fc.record({
      power,
      after: fc.integer({ min: 0, max: 100 }),
      changed: fc.integer({ min: -200, max: 200 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let lines: readonly SpendLine[] = [];
        let now = 0;
        let last = 0;
        for (const { power: state, after, changed } of steps) {
          now += after * 60_000;
          lines = look(lines, vm(state, now + changed * 60_000), now);
          const { total } = spendUntil(lines, now);
          expect(total.billedHours).toBeLessThanOrEqual(now / HOUR + 1e-9);
          expect(total.billedHours).toBeGreaterThanOrEqual(0);
          last = now;
        }
        const at = lines.map((line) => line.at);
        expect(at).toEqual([...at].sort((a, b) => a - b));
        expect(at.every((moment) => moment <= last)).toBe(true);
      }),
    );
  });
});
