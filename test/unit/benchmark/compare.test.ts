import { describe, expect, it } from 'vitest';
import { compareRuns, exactMcNemar } from '../../../src/benchmark/compare.js';
import { allDifferences } from '../../../src/benchmark/experiment.js';
import { mulberry32 } from '../../../src/seeded-random.js';
import { summarise } from '../../../src/benchmark/summary.js';
import { attempt, fixtureHead, fixtureIndex, fixtureLines } from '../../helpers/run-fixture.js';

const a = summarise(fixtureHead, fixtureLines, fixtureIndex);

describe('two runs compared', () => {
  it('a run with itself has no difference', () => {
    const { all } = compareRuns(a, a);
    expect(all).toMatchObject({ pairs: 5, difference: 0, interval: [0, 0], aBetter: 0, bBetter: 0, p: 1 });
  });

  it('pairs only tasks valid in both, and says what it left out', () => {
    const lines = [
      ...attempt('clock/one', 'w0', 0, 1, { state: 'scored', score: 0 }),
      ...attempt('clock/two', 'w0', 1, 1, { state: 'scored', score: 1 }),
      ...attempt('vlc/five', 'w0', 2, 1, { state: 'infra_error', score: null }),
    ];
    const head = { ...fixtureHead, runId: 'r2', tasks: ['clock/one', 'clock/two', 'vlc/five'] };
    const compared = compareRuns(a, summarise(head, lines, fixtureIndex));
    expect(compared.all).toMatchObject({ pairs: 2, difference: 0, aBetter: 1, bBetter: 1, p: 1 });
    expect(compared).toMatchObject({ onlyInA: 5, onlyInB: 0, notValidInBoth: 1 });
    expect(compared.domains['vlc']).toMatchObject({ pairs: 0, difference: null, interval: null });
  });

  it('takes the mean of repetitions as one task', () => {
    const lines = [
      ...attempt('clock/two', 'w0', 0, 1, { state: 'scored', score: 1 }),
      ...attempt('clock/two#2', 'w0', 1, 1, { state: 'scored', score: 0 }),
    ];
    const head = { ...fixtureHead, tasks: ['clock/two', 'clock/two#2'] };
    const compared = compareRuns(a, summarise(head, lines, fixtureIndex));
    expect(compared.all).toMatchObject({ pairs: 1, meanA: 0, meanB: 0.5, bBetter: 1 });
  });
});

describe('what two runs were not made alike in', () => {
  const facts = { worker: 'w0', at: '', imageId: '', dockurVersion: '', clientRevision: 'c', acceleration: 'kvm' };
  const machine = { ...facts, cpuCores: 8, memoryMb: 32_000, screen: { width: 1440, height: 900 } };

  it('is what was chosen, and what their workers turned out to be; not what a record does not know', () => {
    const a = { ...fixtureHead, workers: [{ ...machine, image: 'one' }] };
    const b = { ...fixtureHead, maxSteps: 30, reset: 'guest' as const, workers: [{ ...machine, image: 'two' }] };
    expect(allDifferences(a, b)).toEqual([
      { what: 'max steps', a: '15', b: '30' },
      { what: 'reset', a: 'none', b: 'guest' },
      { what: 'image', a: 'one', b: 'two' },
    ]);
    expect(allDifferences(a, { ...fixtureHead, deployment: 'other' })).toEqual([]);
  });
});

describe('the exact test', () => {
  it.each([
    [0, 0, 1],
    [0, 5, 0.0625],
    [0, 6, 0.03125],
    [1, 9, 0.021484],
    [5, 5, 1],
  ])('of %i against %i is %f', (first, second, p) => {
    expect(exactMcNemar(first, second)).toBeCloseTo(p, 5);
    expect(exactMcNemar(second, first)).toBeCloseTo(p, 5);
  });

  it('stands large numbers', () => {
    expect(exactMcNemar(500, 1000)).toBeGreaterThan(0);
    expect(exactMcNemar(500, 1000)).toBeLessThan(1e-30);
  });
});

it('the generator is even', () => {
  const random = mulberry32(1);
  const draws = Array.from({ length: 20_000 }, random);
  expect(draws.reduce((sum, draw) => sum + draw, 0) / draws.length).toBeCloseTo(0.5, 1);
  expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
});
