import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { realClock } from '../../../src/clock/real-clock.js';
import { createScaledClock } from '../../../src/clock/scaled-clock.js';

describe('manual clock', () => {
  it('runs timers in the order of their due times, equal ones in the order they were made', async () => {
    const clock = createManualClock(0);
    const ran: string[] = [];
    clock.schedule(20, () => ran.push(`c@${clock.now()}`));
    clock.schedule(10, () => ran.push(`a@${clock.now()}`));
    clock.schedule(10, () => ran.push(`b@${clock.now()}`));
    await clock.advance(15);
    expect(ran).toEqual(['a@10', 'b@10']);
    expect(clock.now()).toBe(15);
    expect(clock.pending).toBe(1);
  });

  it('treats a negative delay as none', async () => {
    const clock = createManualClock(100);
    let at = 0;
    clock.schedule(-5, () => {
      at = clock.now();
    });
    await clock.advance(0);
    expect(at).toBe(100);
  });

  it('forgets a cancelled timer, also when cancelled twice', async () => {
    const clock = createManualClock();
    let ran = false;
    const cancel = clock.schedule(10, () => {
      ran = true;
    });
    cancel();
    cancel();
    await clock.advance(20);
    expect(ran).toBe(false);
  });

  it('moves from timer to timer until a promise settles', async () => {
    const clock = createManualClock(0);
    const work = (async () => {
      await clock.sleep(1_000);
      await clock.sleep(2_000);
      return 'done';
    })();
    expect(await clock.runUntil(work)).toBe('done');
    expect(clock.now()).toBe(3_000);
  });

  it('hands on the failure of the promise', async () => {
    const clock = createManualClock(0);
    await expect(clock.runUntil(clock.sleep(5).then(() => Promise.reject(new Error('no'))))).rejects.toThrow('no');
  });

  it('says so when nothing is left to wait for', async () => {
    const clock = createManualClock();
    await expect(clock.runUntil(new Promise(() => undefined))).rejects.toThrow('not on the clock');
  });
});

describe('sleep', () => {
  it('ends early with the reason of its signal and leaves no timer', async () => {
    const clock = createManualClock();
    const stop = new AbortController();
    const sleeping = clock.sleep(1_000, stop.signal).catch((error: unknown) => error);
    const reason = new Error('stop');
    stop.abort(reason);
    expect(await sleeping).toBe(reason);
    expect(clock.pending).toBe(0);
  });

  it('does not begin under an aborted signal; a reason that is no error becomes one', async () => {
    const clock = createManualClock();
    await expect(clock.sleep(1_000, AbortSignal.abort('enough'))).rejects.toThrow('enough');
    expect(clock.pending).toBe(0);
  });
});

describe('scaled clock', () => {
  const mapping = { realEpochMs: 1_000, labEpochMs: 500_000, scale: 60, slackRealMs: 500 };

  it('lets sixty milliseconds pass in one', async () => {
    const base = createManualClock(1_000);
    const clock = createScaledClock(mapping, base);
    expect(clock.now()).toBe(500_000);
    await base.advance(100);
    expect(clock.now()).toBe(506_000);
  });

  it('sleeps a sixtieth of the time', async () => {
    const base = createManualClock(1_000);
    const clock = createScaledClock(mapping, base);
    await base.runUntil(clock.sleep(60_000));
    expect(base.now()).toBe(2_000);
  });

  it('gives deadlines the slack in its own milliseconds', () => {
    expect(createScaledClock(mapping, createManualClock()).slackMs).toBe(30_000);
  });
});

describe('real clock', () => {
  it('takes its time from the machine and cancels what it scheduled', () => {
    const before = Date.now();
    expect(realClock.now()).toBeGreaterThanOrEqual(before);
    let ran = false;
    realClock.schedule(1e12, () => {
      ran = true;
    })();
    expect(ran).toBe(false);
  });

  it('does not fire at once for a delay longer than Node can hold', async () => {
    let ran = false;
    const cancel = realClock.schedule(2 ** 40, () => {
      ran = true;
    });
    await realClock.sleep(1);
    cancel();
    expect(ran).toBe(false);
  });

  it('ends a sleep at once on its signal', async () => {
    const stop = new AbortController();
    const sleeping = realClock.sleep(60_000, stop.signal);
    stop.abort(new Error('stop'));
    await expect(sleeping).rejects.toThrow('stop');
  });
});
