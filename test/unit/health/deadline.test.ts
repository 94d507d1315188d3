import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { Deadline, DeadlineExceeded } from '../../../src/health/deadline.js';

describe('Deadline', () => {
  it('aborts with DeadlineExceeded when time is up', async () => {
    const clock = createManualClock();
    const deadline = Deadline.after(5_000, clock);
    await clock.advance(4_999);
    expect(deadline.signal.aborted).toBe(false);
    expect(deadline.remainingMs()).toBe(1);
    await clock.advance(1);
    expect(deadline.expired).toBe(true);
    expect(deadline.remainingMs()).toBe(0);
    expect(deadline.signal.reason).toBeInstanceOf(DeadlineExceeded);
    expect((deadline.signal.reason as Error).message).toBe('deadline of 5 s exceeded');
  });

  it('grants the slack of the clock', async () => {
    const clock = { ...createManualClock(), slackMs: 2_000 };
    expect(Deadline.after(5_000, clock).remainingMs()).toBe(7_000);
    expect(Deadline.after(5_000, clock).totalMs).toBe(5_000);
  });

  it('never lets a child outlive a parent, whatever the nesting', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 8 }), (limits) => {
        const clock = createManualClock();
        const [first = 0, ...rest] = limits;
        let deadline = Deadline.after(first, clock);
        for (const limit of rest) deadline = deadline.child(limit);
        expect(deadline.remainingMs()).toBe(Math.min(...limits));
        expect(deadline.totalMs).toBe(Math.min(...limits));
      }),
    );
  });

  it('hands the end of a parent down', async () => {
    const clock = createManualClock();
    const parent = Deadline.after(1_000, clock);
    const child = parent.child(5_000).child(9_000);
    await clock.advance(1_000);
    expect(child.expired).toBe(true);
  });

  it('does not hand the end of a child up', async () => {
    const clock = createManualClock();
    const parent = Deadline.after(5_000, clock);
    parent.child(1_000);
    await clock.advance(1_000);
    expect(parent.signal.aborted).toBe(false);
  });

  it('follows the signal of a person and is then not expired', () => {
    const clock = createManualClock();
    const ctrlC = new AbortController();
    const deadline = Deadline.none(clock, ctrlC.signal);
    const reason = new Error('stop');
    ctrlC.abort(reason);
    expect(deadline.signal.reason).toBe(reason);
    expect(deadline.expired).toBe(false);
  });

  it('is over from the beginning under a signal that has aborted', () => {
    const clock = createManualClock();
    const deadline = Deadline.after(1_000, clock, AbortSignal.abort(new Error('stop')));
    expect(deadline.signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('never ends by itself without a limit, but its children do', async () => {
    const clock = createManualClock();
    const endless = Deadline.none(clock);
    const child = endless.child(1_000);
    expect(endless.remainingMs()).toBe(Number.POSITIVE_INFINITY);
    await clock.advance(1_000);
    expect(child.expired).toBe(true);
    expect(endless.signal.aborted).toBe(false);
  });

  it('leaves no timer behind when disposed', () => {
    const clock = createManualClock();
    {
      using deadline = Deadline.after(1_000, clock);
      using _child = deadline.child(500);
      expect(clock.pending).toBe(2);
    }
    expect(clock.pending).toBe(0);
  });
});

describe('Deadline.race', () => {
  it('gives the result of the work that is in time', async () => {
    const clock = createManualClock();
    expect(await Deadline.after(1_000, clock).race(Promise.resolve(7))).toBe(7);
  });

  it('gives the failure of the work that is in time', async () => {
    const clock = createManualClock();
    await expect(Deadline.after(1_000, clock).race(Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('ends work that is late', async () => {
    const clock = createManualClock();
    const late = Deadline.after(1_000, clock).race(new Promise(() => undefined));
    await expect(clock.runUntil(late)).rejects.toBeInstanceOf(DeadlineExceeded);
  });

  it('refuses work when the deadline is over', async () => {
    const clock = createManualClock();
    const deadline = Deadline.after(0, clock);
    await clock.advance(0);
    await expect(deadline.race(Promise.resolve(1))).rejects.toBeInstanceOf(DeadlineExceeded);
  });
});
