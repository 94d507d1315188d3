import { describe, expect, it } from 'vitest';
import { standings, type QueueLine, type RunHead } from '../../../src/benchmark/run-record.js';
import { summarise, wilson } from '../../../src/benchmark/summary.js';
import { createTaskIndex, type Task } from '../../../src/benchmark/task-index.js';

const task = (domain: string, id: string, feasible = true): Task => ({
  domain,
  id,
  feasible,
  url: false,
  cdp: false,
  evaluator: 'x',
});
const index = createTaskIndex([
  task('a', '1'),
  task('a', '2'),
  task('b', '1'),
  task('b', 'INF-2', false),
  task('b', '3'),
]);
const head: RunHead = {
  runId: 'r',
  deployment: 'test',
  createdAt: '2026-01-01T00:00:00.000Z',
  tasks: ['a/1', 'a/2', 'b/1', 'b/INF-2', 'b/3'],
  agent: 'navi',
  provider: 'openai',
  model: 'gpt-4o',
  maxSteps: 15,
  taskTimeoutS: 600,
};
const started = (name: string, attempt = 1): QueueLine => ({
  type: 'started',
  at: 0,
  task: name,
  attempt,
  worker: 'w0',
});
const finished = (
  name: string,
  state: Extract<QueueLine, { type: 'finished' }>['state'],
  score: number | null,
  attempt = 1,
): QueueLine => ({
  type: 'finished',
  at: 1,
  task: name,
  attempt,
  worker: 'w0',
  state,
  score,
  reason: '',
  durationMs: 1000,
  steps: 3,
});
const lines = [
  started('a/1'),
  finished('a/1', 'infra_error', null),
  started('a/1', 2),
  finished('a/1', 'scored', 1, 2),
  started('a/2'),
  finished('a/2', 'timeout', null),
  started('b/1'),
  finished('b/1', 'infra_error', null),
  started('b/INF-2'),
  finished('b/INF-2', 'scored', 1),
  started('b/3'),
];

describe('a summary', () => {
  const summary = summarise(head, lines, index);

  it('divides by planned and by valid tasks', () => {
    expect(summary.all).toMatchObject({
      planned: 5,
      valid: 3,
      passed: 2,
      scoreSum: 2,
      overPlanned: 2 / 5,
      overValid: 2 / 3,
    });
  });

  it('leaves infeasible tasks out of the second pair', () => {
    expect(summary.feasible).toMatchObject({ planned: 4, valid: 2, passed: 1, overPlanned: 1 / 4, overValid: 1 / 2 });
  });

  it('counts every attempt of the infrastructure and an unfinished task as pending', () => {
    expect(summary.infraFailures).toBe(2);
    expect(summary.states).toMatchObject({ scored: 2, timeout: 1, infra_error: 1, pending: 1 });
    expect(summary.complete).toBe(false);
  });

  it.each<[string, QueueLine[], boolean]>([
    ['is to be tried again', [started('a/1'), finished('a/1', 'infra_error', null)], false],
    ['is being tried again', [started('a/1'), finished('a/1', 'infra_error', null), started('a/1', 2)], false],
    [
      'was tried as often as the run allows',
      [
        { type: 'opened', at: 0, workers: ['w0'], infraRetries: 0 },
        started('a/1'),
        finished('a/1', 'infra_error', null),
      ],
      true,
    ],
  ])('of a task that was spoiled and %s', (_what, of, complete) => {
    expect(summarise({ ...head, tasks: ['a/1'] }, of, index)).toMatchObject({ complete, states: { infra_error: 1 } });
  });

  it('takes of each task its last attempt, and of the run all of them', () => {
    const { tasks, attemptMs } = summarise({ ...head, tasks: ['a/1', 'b/3', 'c/new'] }, lines, index);
    const common = { reason: '', feasible: true };
    expect(tasks).toEqual([
      { ...common, task: 'a/1', domain: 'a', state: 'scored', score: 1, attempts: 2, durationMs: 1000, steps: 3 },
      { ...common, task: 'b/3', domain: 'b', state: 'pending', score: null, attempts: 1, durationMs: 0, steps: 0 },
      { ...common, task: 'c/new', domain: 'c', state: 'pending', score: null, attempts: 0, durationMs: 0, steps: 0 },
    ]);
    expect(attemptMs).toBe(5000);
  });

  it('says what bringing Windows back took, where it was brought back', () => {
    expect(summary.reset).toBeUndefined();
    const reset = (name: string, resetMs: number) => ({ ...finished(name, 'scored', 1), resetMs }) as QueueLine;
    const of = [...lines, reset('a/1', 100), reset('a/2', 201)];
    const cost = { attempts: 2, totalMs: 301, meanMs: 151 };
    expect(summarise({ ...head, reset: 'guest' }, of, index).reset).toEqual({ mode: 'guest', ...cost });
    expect(summarise(head, of, index).reset).toEqual({ mode: 'none', ...cost });
  });

  it('has rates for each domain', () => {
    expect(summary.domains['a']).toMatchObject({ planned: 2, valid: 2, overValid: 1 / 2 });
    expect(summary.domains['b']).toMatchObject({ planned: 3, valid: 1 });
  });

  it('of a run without an attempt has no rate over valid tasks', () => {
    expect(summarise(head, [], index).all).toMatchObject({ valid: 0, overValid: null, interval: null, overPlanned: 0 });
  });
});

describe('where a task stands', () => {
  it('remembers the attempt whose end was not seen', () => {
    expect(standings(lines).get('b/3')).toMatchObject({ attempts: 1, open: { attempt: 1 } });
  });
});

describe('the interval', () => {
  it('of 8 in 10 is the one of the textbook', () => {
    const [low, high] = wilson(8, 10) ?? [0, 0];
    expect(low).toBeCloseTo(0.49, 2);
    expect(high).toBeCloseTo(0.943, 2);
  });
});
