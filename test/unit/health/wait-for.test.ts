import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { fail, type WaaError } from '../../../src/failures/waa-error.js';
import { Deadline } from '../../../src/health/deadline.js';
import { waitFor, type Observation, type WaitOptions } from '../../../src/health/wait-for.js';

type Probe = (deadline: Deadline) => Promise<Observation<string>>;

function start(probe: Probe, totalMs: number, extra: Partial<WaitOptions> = {}) {
  const clock = createManualClock();
  const deadline = Deadline.after(totalMs, clock);
  const options = { what: 'desktop', clock, deadline, everyMs: 1_000, attemptTimeoutMs: 5_000, ...extra };
  const running = waitFor(probe, options).then(
    (value) => value,
    (error: unknown) => error as WaaError,
  );
  return { clock, running, end: () => clock.runUntil(running) };
}
const saw = (text: string, more: object = {}): Observation<string> => ({ ok: false, saw: text, ...more });

describe('waitFor', () => {
  it('ends with the value of the first look that is ok', async () => {
    let looks = 0;
    const probe: Probe = () => Promise.resolve(++looks < 3 ? saw('black') : { ok: true, value: 'shown' });
    expect(await start(probe, 60_000).end()).toBe('shown');
    expect(looks).toBe(3);
  });

  it('says what, how long, how often and what it saw last when time is up', async () => {
    const seen: string[] = [];
    const error = await start(() => Promise.resolve(saw('black screen')), 3_000, {
      onObserve: (text) => seen.push(text),
    }).end();
    expect(error).toMatchObject({
      code: 'WAIT_TIMEOUT',
      params: { what: 'desktop', seconds: 3, attempts: 3, last: 'black screen' },
    });
    expect(seen).toEqual(['black screen', 'black screen', 'black screen']);
  });

  it('names the end of patience as the layer wishes', async () => {
    const own = (last: string, attempts: number): WaaError =>
      fail('USAGE', { problem: `${last} ${attempts}`, hint: '' });
    expect(await start(() => Promise.resolve(saw('x')), 1_500, { onTimeout: own }).end()).toMatchObject({
      params: { problem: 'x 2' },
    });
  });

  it('ends early when progress stands still', async () => {
    const { clock, end } = start(() => Promise.resolve(saw('41 %')), 600_000, { stallMs: 5_000 });
    const begun = clock.now();
    expect(await end()).toMatchObject({ code: 'WAIT_STALLED', params: { stallSeconds: 5, last: '41 %' } });
    expect(clock.now() - begun).toBe(5_000);
  });

  it('takes a changing mark as progress though it sees the same', async () => {
    let looks = 0;
    const probe: Probe = () =>
      Promise.resolve(++looks < 20 ? saw('copying', { progress: looks }) : { ok: true, value: 'done' });
    expect(await start(probe, 600_000, { stallMs: 3_000 }).end()).toBe('done');
  });

  it('takes the same mark as a stall though the words change', async () => {
    let looks = 0;
    const onStall = (last: string): WaaError => fail('USAGE', { problem: last, hint: '' });
    const probe: Probe = () => Promise.resolve(saw(`look ${++looks}`, { progress: 'same' }));
    expect(await start(probe, 600_000, { stallMs: 3_000, onStall }).end()).toMatchObject({ code: 'USAGE' });
  });

  it('ends at once with a fatal failure', async () => {
    const fatal = fail('USAGE', { problem: 'ISO not found', hint: '' });
    expect(await start(() => Promise.resolve(saw('x', { fatal })), 600_000).end()).toBe(fatal);
  });

  it('goes on after a look that could not look', async () => {
    let looks = 0;
    const lost = fail('WAIT_TIMEOUT', { what: 'ssh', seconds: 1, attempts: 1, last: 'reset' });
    const probe: Probe = () => (++looks < 3 ? Promise.reject(lost) : Promise.resolve({ ok: true, value: 'shown' }));
    expect(await start(probe, 60_000).end()).toBe('shown');
  });

  it('remembers what was seen before looks failed as the mark of progress', async () => {
    let looks = 0;
    const lost = fail('WAIT_TIMEOUT', { what: 'ssh', seconds: 1, attempts: 1, last: 'reset' });
    const probe: Probe = () => (++looks === 1 ? Promise.resolve(saw('41 %', { progress: 41 })) : Promise.reject(lost));
    const error = await start(probe, 600_000, { stallMs: 5_000 }).end();
    expect(error).toMatchObject({ code: 'WAIT_STALLED', params: { last: lost.message } });
  });

  it('does not take the sleep of this machine for a standstill of what is awaited', async () => {
    const clock = createManualClock();
    let sleptMs = 0;
    const wall = { ...clock, now: () => clock.now() + sleptMs };
    let looks = 0;
    const probe: Probe = () => {
      if (++looks === 10) sleptMs = 3_600_000;
      return Promise.resolve(looks < 20 ? saw('41 %') : { ok: true, value: 'shown' });
    };
    const times = { everyMs: 1_000, attemptTimeoutMs: 5_000, stallMs: 30_000 };
    const waiting = waitFor(probe, { what: 'x', clock: wall, deadline: Deadline.none(clock), ...times });
    expect(await clock.runUntil(waiting)).toBe('shown');
  });

  it('ends with the failure of looks that fail for long, and counts anew after one that did not', async () => {
    const lost = fail('WAIT_TIMEOUT', { what: 'ssh', seconds: 1, attempts: 1, last: 'reset' });
    let looks = 0;
    const probe: Probe = () => (++looks % 10 === 0 && looks < 40 ? Promise.resolve(saw('x')) : Promise.reject(lost));
    expect(await start(probe, 600_000, { blindMs: 10_000, stallMs: 60_000 }).end()).toBe(lost);
    expect(looks).toBe(40);
  });

  it.each(['permanent', 'bug'])('ends at once when a look meets something %s', async (kind) => {
    const error = kind === 'permanent' ? fail('USAGE', { problem: 'p', hint: '' }) : new TypeError('x');
    expect(await start(() => Promise.reject(error), 600_000).end()).toMatchObject({
      code: kind === 'permanent' ? 'USAGE' : 'BUG',
    });
  });

  it('counts a look without an answer and looks again', async () => {
    let looks = 0;
    const seen: string[] = [];
    const probe: Probe = () =>
      ++looks === 1 ? new Promise(() => undefined) : Promise.resolve({ ok: true, value: 'shown' });
    expect(await start(probe, 60_000, { onObserve: (text) => seen.push(text) }).end()).toBe('shown');
    expect(seen).toEqual(['no answer within 5 s']);
  });

  it('ends in the middle of a look when time is up', async () => {
    expect(await start(() => new Promise(() => undefined), 2_000).end()).toMatchObject({
      code: 'WAIT_TIMEOUT',
      params: { attempts: 1, last: 'nothing yet' },
    });
  });

  it('does not look at all under a deadline that is over', async () => {
    const clock = createManualClock();
    const reason = fail('CANCELLED', { what: 'up' });
    const deadline = Deadline.after(1_000, clock, AbortSignal.abort(reason));
    let looks = 0;
    const probe: Probe = () => Promise.resolve(saw(String(++looks)));
    const waiting = waitFor(probe, { what: 'x', clock, deadline, everyMs: 1, attemptTimeoutMs: 1 });
    await expect(waiting).rejects.toBe(reason);
    expect(looks).toBe(0);
  });

  it('ends with the reason of a person, not with a timeout', async () => {
    const clock = createManualClock();
    const ctrlC = new AbortController();
    const deadline = Deadline.after(60_000, clock, ctrlC.signal);
    const options = { what: 'x', clock, deadline, everyMs: 10_000, attemptTimeoutMs: 1_000 };
    const waiting = waitFor(() => Promise.resolve(saw('y')), options).catch((error: unknown) => error);
    await clock.advance(2_000);
    const reason = fail('CANCELLED', { what: 'up' });
    ctrlC.abort(reason);
    expect(await waiting).toBe(reason);
  });
});
