import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { fail, type WaaError } from '../../../src/failures/waa-error.js';
import { createBreaker, type BreakerState } from '../../../src/retry/breaker.js';

const fault = (): WaaError => fail('WAIT_TIMEOUT', { what: 'x', seconds: 1, attempts: 1, last: 'y' });
const codeOf = (action: () => void): string | undefined => {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as WaaError).code;
  }
};

describe('createBreaker', () => {
  it('opens after three failures and says for how long and why', () => {
    const clock = createManualClock();
    const breaker = createBreaker({ name: 'docker', clock });
    for (let i = 0; i < 3; i += 1) {
      expect(codeOf(() => breaker.enter())).toBeUndefined();
      breaker.failed(fault());
    }
    expect(breaker.state).toBe('open');
    expect(() => breaker.enter()).toThrow(
      /docker failed 3 times in a row and is left alone for 300 s; last: waited 1 s/,
    );
  });

  it('lets exactly one trial through when half-open', async () => {
    const clock = createManualClock();
    const changes: BreakerState[] = [];
    const breaker = createBreaker({ name: 'x', clock, threshold: 1, onChange: (state) => changes.push(state) });
    breaker.failed(fault());
    await clock.advance(300_000);
    expect(breaker.state).toBe('half-open');
    expect(codeOf(() => breaker.enter())).toBeUndefined();
    expect(codeOf(() => breaker.enter())).toBe('BREAKER_OPEN');
    breaker.succeeded();
    expect(breaker.state).toBe('closed');
    expect(changes).toEqual(['open', 'half-open', 'closed']);
  });

  it('opens again for the whole time when the trial fails', async () => {
    const clock = createManualClock();
    const breaker = createBreaker({ name: 'x', clock, threshold: 1 });
    breaker.failed(fault());
    await clock.advance(300_000);
    breaker.enter();
    breaker.failed(fault());
    await clock.advance(299_999);
    expect(codeOf(() => breaker.enter())).toBe('BREAKER_OPEN');
    await clock.advance(1);
    expect(codeOf(() => breaker.enter())).toBeUndefined();
  });

  it('allows another trial after one that a person stopped', async () => {
    const clock = createManualClock();
    const breaker = createBreaker({ name: 'x', clock, threshold: 1 });
    breaker.failed(fault());
    await clock.advance(300_000);
    breaker.enter();
    breaker.abandoned();
    expect(codeOf(() => breaker.enter())).toBeUndefined();
  });

  it('is not prolonged by calls that were under way when it opened', async () => {
    const clock = createManualClock();
    const changes: BreakerState[] = [];
    const breaker = createBreaker({ name: 'x', clock, onChange: (state) => changes.push(state) });
    for (let i = 0; i < 3; i += 1) breaker.failed(fault());
    await clock.advance(200_000);
    breaker.failed(fault());
    await clock.advance(100_000);
    expect(breaker.state).toBe('half-open');
    expect(changes).toEqual(['open']);
  });

  it('behaves like its model under any sequence of calls and pauses', async () => {
    const step = fc.oneof(
      fc.constant({ kind: 'succeed' } as const),
      fc.constant({ kind: 'fail' } as const),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 400_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = createManualClock(0);
        const breaker = createBreaker({ name: 'x', clock });
        let failures = 0;
        let openUntil: number | undefined;
        for (const next of steps) {
          if (next.kind === 'wait') {
            await clock.advance(next.ms);
            continue;
          }
          const refused = openUntil !== undefined && clock.now() < openUntil;
          expect(codeOf(() => breaker.enter())).toBe(refused ? 'BREAKER_OPEN' : undefined);
          if (refused) continue;
          if (next.kind === 'succeed') {
            breaker.succeeded();
            failures = 0;
            openUntil = undefined;
          } else {
            breaker.failed(fault());
            failures += 1;
            if (failures >= 3) openUntil = clock.now() + 300_000;
          }
          expect(breaker.state).toBe(openUntil === undefined ? 'closed' : 'open');
        }
      }),
      { numRuns: 40 },
    );
  });
});
