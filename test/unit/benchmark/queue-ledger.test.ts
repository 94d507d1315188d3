import { describe, expect, it } from 'vitest';
import { createLedger } from '../../../src/benchmark/queue-ledger.js';
import type { QueueLine } from '../../../src/benchmark/run-record.js';

const opened = (more: { infraRetries?: number; at?: number } = {}): QueueLine => ({
  type: 'opened',
  at: 0,
  workers: ['w0', 'w1'],
  ...more,
});
const started = (attempt = 1, worker = 'w0', task = 'a/1'): QueueLine => ({
  type: 'started',
  at: 0,
  task,
  attempt,
  worker,
  until: 100,
  begun: false,
});
const renewed = (more: { begun?: true; resetMs?: number } = {}): QueueLine => ({
  type: 'renewed',
  at: 10,
  task: 'a/1',
  attempt: 1,
  worker: 'w0',
  until: 200,
  ...more,
});
const ended = (state: 'scored' | 'infra_error', attempt = 1): QueueLine => ({
  type: 'finished',
  at: 20,
  task: 'a/1',
  attempt,
  worker: 'w0',
  state,
  score: state === 'scored' ? 1 : null,
  reason: '',
  durationMs: 20,
  steps: 1,
});
const ledger = (...lines: readonly QueueLine[]) =>
  createLedger({ tasks: ['a/1', 'a/2'], lines, expectedMs: new Map([['a/1', 9]]) });
const mine = { task: 'a/1', attempt: 1, worker: 'w0' };

describe('an attempt', () => {
  it('is held by the worker that has it, under its number, and by nobody else', () => {
    const { isHeld } = ledger(opened(), started());
    expect(isHeld(mine)).toBe(true);
    expect(isHeld({ ...mine, worker: 'w1' })).toBe(false);
    expect(isHeld({ ...mine, attempt: 2 })).toBe(false);
    expect(isHeld({ ...mine, task: 'a/2' })).toBe(false);
    expect(isHeld({ ...mine, task: 'b/unknown' })).toBe(false);
  });

  it('is held no more once it ended, or another one took its place', () => {
    expect(ledger(opened(), started(), ended('scored')).isHeld(mine)).toBe(false);
    expect(ledger(opened(), started(), ended('infra_error')).isHeld(mine)).toBe(false);
    expect(ledger(opened(), started(), started(2, 'w1')).isHeld(mine)).toBe(false);
  });

  it('that was handed over once stays so, whatever else its worker says of it', () => {
    const claimed = ledger(opened(), started(), renewed(), opened());
    expect(claimed.choose('w1', 50, false)).toMatchObject({ task: 'a/1', attempt: 1, again: false });
    const begun = ledger(opened(), started(), renewed({ begun: true, resetMs: 7 }), renewed(), opened());
    expect(begun.choose('w0', 50, true)).toMatchObject({ task: 'a/1', attempt: 1, again: true, resetMs: 7 });
  });

  it('takes the number after the last, and nothing of what the one before took', () => {
    const spoiled = ledger(opened(), started(), renewed({ begun: true, resetMs: 7 }), ended('infra_error'));
    expect(spoiled.choose('w1', 50, false)).toEqual({
      task: 'a/1',
      attempt: 2,
      again: false,
      begunAt: 50,
      resetMs: undefined,
    });
    spoiled.apply(started(2, 'w1'));
    spoiled.apply({ ...renewed(), attempt: 2, worker: 'w1' } as QueueLine);
    expect(spoiled.choose('w1', 60, false)).toMatchObject({ again: true, resetMs: undefined, begunAt: 0 });
  });
});

it('a run tries what is spoiled as often as it was opened with, which is not for ever', () => {
  const tries = (infraRetries: number): number => {
    const { apply, view } = ledger(opened({ infraRetries }));
    let attempt = 0;
    while (view(0).done === 0) {
      attempt += 1;
      apply(started(attempt));
      apply(ended('infra_error', attempt));
    }
    return attempt;
  };
  expect([tries(0), tries(4)]).toEqual([1, 5]);
});

it('lines about tasks that are not in the run change nothing', () => {
  const { view } = ledger(opened(), started(1, 'w0', 'b/unknown'), { ...ended('scored'), task: 'b/2' } as QueueLine);
  expect(view(0)).toEqual({ pending: 2, leased: 0, done: 0 });
});
