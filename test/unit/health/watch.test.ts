import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { fail, type WaaError } from '../../../src/failures/waa-error.js';
import { watch, type Watch } from '../../../src/health/watch.js';

const io = fail('QEMU_PAUSED_BY_IO_ERROR', { directory: '/data' });
const black = fail('SERVER_NOT_LISTENING', { call: '/screen_size' });
const away = fail('VM_SSH_DROPPED', { host: 'w0', during: 'look' });

/** A watch whose looks see these, one after the other, and then nothing; an error in a list is raised. */
function watching(...seen: readonly (WaaError | undefined | readonly [WaaError])[]) {
  const clock = createManualClock();
  let looks = 0;
  const watched: Watch = watch({
    clock,
    signal: new AbortController().signal,
    look() {
      const now = seen[looks];
      looks += 1;
      return Array.isArray(now) ? Promise.reject(now[0] as WaaError) : Promise.resolve(now as WaaError | undefined);
    },
  });
  return { clock, watched, looks: () => looks };
}

describe('a watch', () => {
  it('is certain of what two looks in a row saw, within two minutes, and looks no more', async () => {
    const { clock, watched, looks } = watching(io, io);
    await clock.advance(44_000);
    expect(watched.fault).toBeUndefined();
    await clock.advance(76_000);
    expect(watched.fault).toBe(io);
    expect(looks()).toBe(2);
    await watched.stop();
  });

  it('is certain of a worker that is broken in another way at each of three looks', async () => {
    const { clock, watched } = watching(black, io, black);
    await clock.advance(59_000);
    expect(watched.fault).toBeUndefined();
    await clock.advance(2_000);
    expect(watched.fault).toBe(black);
    await watched.stop();
  });

  it.each([
    ['one bad look', [io, undefined, io]],
    ['two different ones', [io, black, undefined, io, black]],
    ['looks that could not be made', [[away], [away], [away], [away]]],
    ['a look that could not be made in between', [io, [away], io]],
  ] as const)('takes %s for nothing', async (_title, seen) => {
    const { clock, watched } = watching(...seen);
    await clock.advance(seen.length * 30_000 + 30_000);
    expect(watched.fault).toBeUndefined();
    await watched.stop();
  });

  it('goes on after a look that never ends', async () => {
    const clock = createManualClock();
    let looks = 0;
    const watched = watch({
      clock,
      signal: new AbortController().signal,
      look: () => {
        looks += 1;
        return looks === 1 ? new Promise(() => undefined) : Promise.resolve(io);
      },
    });
    await clock.advance(200_000);
    expect(watched.fault).toBe(io);
    await watched.stop();
  });

  it('raises a mistake of ours when it is stopped', async () => {
    const clock = createManualClock();
    const watched = watch({
      clock,
      signal: new AbortController().signal,
      look: () => Promise.reject(new TypeError('x is not a function')),
    });
    await clock.advance(40_000);
    await expect(watched.stop()).rejects.toThrow('x is not a function');
  });
});
