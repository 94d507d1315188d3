import { describe, expect, it } from 'vitest';
import { compareRuns, exactMcNemar } from '../../../src/benchmark/compare.js';
import { allDifferences } from '../../../src/benchmark/experiment.js';
import { mulberry32 } from '../../../src/seeded-random.js';
import { summarise, type RunSummary } from '../../../src/benchmark/summary.js';
import { attempt, fixtureHead, fixtureIndex, fixtureLines } from '../../helpers/run-fixture.js';

const a = summarise(fixtureHead, fixtureLines, fixtureIndex);

/** Task, score, and whether it can be solved at all. */
type Scores = readonly (readonly [task: string, score: number, feasible?: boolean])[];

function summaryOf(scores: Scores): RunSummary {
  const [like] = a.tasks;
  if (!like) throw new Error('a fixture without tasks');
  const tasks = scores.map(([task, score, feasible = true]) => ({
    ...like,
    task,
    score,
    feasible,
    state: 'scored' as const,
  }));
  return { ...a, tasks };
}

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
    expect(compared.all).toMatchObject({ pairs: 1, meanA: 0, meanB: 0.5, bBetter: 1, interval: null });
  });

  it('knows a tenth repetition, and a task that only one of them has', () => {
    const run = summaryOf([['clock/two', 0]]);
    const compared = compareRuns(
      run,
      summaryOf([
        ['clock/two#10', 1],
        ['clock/two', 0],
        ['clock/new', 1],
      ]),
    );
    expect(compared.all).toMatchObject({ pairs: 1, difference: 0.5 });
    expect(compared).toMatchObject({ onlyInA: 0, onlyInB: 1 });
  });

  it('leaves out of the feasible ones what either run calls infeasible', () => {
    const scores: Scores = [
      ['clock/one', 1],
      ['clock/two', 0],
      ['clock/never', 0, false],
    ];
    const { all, feasible } = compareRuns(summaryOf(scores), summaryOf(scores.map(([task]) => [task, 1])));
    expect(all).toMatchObject({ pairs: 3, bBetter: 2 });
    expect(feasible).toMatchObject({ pairs: 2, bBetter: 1 });
  });
});

describe('the interval of a difference', () => {
  const nothing = (count: number): Scores => Array.from({ length: count }, (_, index) => [`clock/${index}`, 0]);
  const won = (count: number, wins: number): Scores =>
    nothing(count).map(([task], index) => [task, index < wins ? 1 : 0]);
  const interval = (count: number, wins: number): readonly [number, number] => {
    const [low, high] = compareRuns(summaryOf(nothing(count)), summaryOf(won(count, wins))).all.interval ?? [];
    return [low ?? Number.NaN, high ?? Number.NaN];
  };

  it('of two pairs is all that two draws can give', () => {
    expect(interval(2, 1)).toEqual([0, 1]);
  });

  // The quantiles of a binomial distribution: 2.5 and 97.5 % of B(100, 0.1) are 5 and 16, of B(100, 0.5) 40 and 60.
  it.each([
    [100, 10, 0.05, 0.16],
    [100, 50, 0.4, 0.6],
  ])('of %i pairs with %i won is what drawing them again gives', (count, wins, low, high) => {
    const [atLeast, atMost] = interval(count, wins);
    expect(Math.abs(atLeast - low)).toBeLessThanOrEqual(0.011);
    expect(Math.abs(atMost - high)).toBeLessThanOrEqual(0.011);
    expect(interval(count, wins)).toEqual([atLeast, atMost]);
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
