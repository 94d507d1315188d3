import { describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../../src/clock/manual-clock.js';
import type { Emit } from '../../../src/events/bus.js';
import { fail, WaaError } from '../../../src/failures/waa-error.js';
import { Deadline } from '../../../src/health/deadline.js';
import { retryPolicies } from '../../../src/retry/policies.js';
import { createRetrier, type Retrier } from '../../../src/retry/retry.js';
import { hostIsSilent } from '../../../src/retry/silence.js';

const transient = (): WaaError => fail('WAIT_TIMEOUT', { what: 'dockerd', seconds: 1, attempts: 1, last: 'refused' });
const permanent = (): WaaError => fail('USAGE', { problem: 'no', hint: 'yes' });

function setup(random = 0): { clock: ManualClock; retry: Retrier; waits: number[] } {
  const clock = createManualClock();
  const waits: number[] = [];
  const emit: Emit = (type, data) => {
    if (type === 'retry.waiting' && 'waitMs' in data && typeof data.waitMs === 'number') waits.push(data.waitMs);
  };
  return { clock, waits, retry: createRetrier({ clock, emit, policies: retryPolicies, random: () => random }) };
}

const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => value,
    (error: unknown) => error,
  );

describe('createRetrier', () => {
  it('repeats transient failures with the waits of the policy until one try succeeds', async () => {
    const { clock, retry, waits } = setup();
    const deadline = Deadline.after(600_000, clock);
    const operation = (_: Deadline, attempt: number): Promise<string> =>
      attempt < 3 ? Promise.reject(transient()) : Promise.resolve(`attempt ${attempt}`);
    expect(await clock.runUntil(retry('dockerDaemon', operation, { deadline }))).toBe('attempt 3');
    expect(waits).toEqual([2_000, 4_000, 8_000]);
  });

  it('gives up after the attempts of the policy with the last failure', async () => {
    const { clock, retry, waits } = setup();
    const deadline = Deadline.after(600_000, clock);
    const error = await clock.runUntil(outcome(retry('taskApi', () => Promise.reject(transient()), { deadline })));
    expect(error).toMatchObject({ code: 'WAIT_TIMEOUT' });
    expect(waits).toHaveLength(2);
  });

  it('does not repeat a permanent failure', async () => {
    const { clock, retry, waits } = setup();
    const deadline = Deadline.after(600_000, clock);
    const error = await clock.runUntil(outcome(retry('dockerDaemon', () => Promise.reject(permanent()), { deadline })));
    expect(error).toMatchObject({ code: 'USAGE' });
    expect(waits).toEqual([]);
  });

  it('repeats what the caller says is worth it', async () => {
    const { clock, retry } = setup();
    const deadline = Deadline.after(600_000, clock);
    const operation = (_: Deadline, attempt: number): Promise<number> =>
      attempt === 0 ? Promise.reject(permanent()) : Promise.resolve(attempt);
    expect(await clock.runUntil(retry('dockerDaemon', operation, { deadline, isRetryable: () => true }))).toBe(1);
  });

  it('makes a foreign error a BUG and does not repeat it', async () => {
    const { clock, retry } = setup();
    const deadline = Deadline.after(600_000, clock);
    const broken = (): Promise<never> => Promise.reject(new TypeError('x is undefined'));
    const error = await clock.runUntil(outcome(retry('dockerDaemon', broken, { deadline })));
    expect(error).toMatchObject({ code: 'BUG' });
  });

  it('honours Retry-After of the failure', async () => {
    const { clock, retry, waits } = setup();
    const deadline = Deadline.after(600_000, clock);
    const params = { what: 'x', seconds: 1, attempts: 1, last: 'y', retryAfterMs: 17_000 };
    const throttled = new WaaError('WAIT_TIMEOUT', params, [], undefined);
    const operation = (_: Deadline, attempt: number): Promise<number> =>
      attempt === 0 ? Promise.reject(throttled) : Promise.resolve(1);
    await clock.runUntil(retry('dockerDaemon', operation, { deadline }));
    expect(waits).toEqual([17_000]);
  });

  it('does not begin a wait that cannot end before the deadline', async () => {
    const { clock, retry, waits } = setup();
    const deadline = Deadline.after(3_000, clock);
    const error = await clock.runUntil(outcome(retry('dockerDaemon', () => Promise.reject(transient()), { deadline })));
    expect(error).toMatchObject({ code: 'WAIT_TIMEOUT', params: { what: 'dockerd' } });
    expect(waits).toEqual([2_000]);
  });

  it('counts an attempt that hangs as a transient failure', async () => {
    const { clock, retry } = setup();
    const deadline = Deadline.after(600_000, clock);
    const operation = (_: Deadline, attempt: number): Promise<string> =>
      attempt === 0 ? new Promise(() => undefined) : Promise.resolve('second');
    expect(await clock.runUntil(retry('serverProbe', operation, { deadline }))).toBe('second');
  });

  it('names a hanging attempt as the caller wishes', async () => {
    const { clock, retry } = setup();
    const deadline = Deadline.after(600_000, clock);
    const options = { deadline, silence: () => permanent() };
    const error = await clock.runUntil(outcome(retry('serverProbe', () => new Promise(() => undefined), options)));
    expect(error).toMatchObject({ code: 'USAGE' });
  });

  const host = hostIsSilent({ host: '20.0.0.1', port: 22 }, 'looking at the host');
  it.each([
    ['arm', undefined, { code: 'AZURE_WAIT_TIMEOUT', layer: 'azure' }],
    ['callerAddress', undefined, { code: 'AZURE_CALLER_ADDRESS_UNKNOWN', layer: 'azure' }],
    ['dockerDaemon', undefined, { code: 'DOCKER_DAEMON_DOWN', layer: 'docker' }],
    ['ssh', host, { code: 'VM_SSH_TIMEOUT', layer: 'vm', params: { host: '20.0.0.1', port: 22 } }],
  ] as const)('lays an answer that does not come under %s to who was asked, with what came before', async (...row) => {
    const [policy, silence, named] = row;
    const { clock, retry } = setup();
    const deadline = Deadline.after(7_000, clock);
    const operation = (_: Deadline, attempt: number): Promise<never> =>
      attempt === 0 ? Promise.reject(transient()) : new Promise(() => undefined);
    const error = await clock.runUntil(outcome(retry(policy, operation, { deadline, ...(silence && { silence }) })));
    expect(error).toMatchObject({ ...named, message: expect.stringContaining('refused') as string });
    expect((error as WaaError).cause).toMatchObject({ params: { what: 'dockerd' } });
  });

  it('tells how long it waited where no try before had said anything', async () => {
    const { clock, retry } = setup();
    const deadline = Deadline.after(600_000, clock);
    const never = (): Promise<never> => new Promise(() => undefined);
    const error = await clock.runUntil(outcome(retry('callerAddress', never, { deadline })));
    expect(error).toMatchObject({
      code: 'AZURE_CALLER_ADDRESS_UNKNOWN',
      params: { reason: expect.stringMatching(/^no answer within 8 s/) as string },
    });
  });

  it('tells the last failure when the deadline ends in the middle of an attempt', async () => {
    const { clock, retry } = setup();
    const deadline = Deadline.after(8_000, clock);
    const operation = (_: Deadline, attempt: number): Promise<never> =>
      attempt === 0 ? Promise.reject(transient()) : new Promise(() => undefined);
    const error = (await clock.runUntil(outcome(retry('taskApi', operation, { deadline })))) as WaaError;
    expect(error).toMatchObject({
      code: 'WAIT_TIMEOUT',
      params: { last: expect.stringContaining('refused') as string },
    });
    expect((error.cause as WaaError).params['what']).toBe('dockerd');
  });

  it('ends a back-off at once on Ctrl-C, with its reason', async () => {
    const { clock, retry } = setup();
    const ctrlC = new AbortController();
    const deadline = Deadline.after(600_000, clock, ctrlC.signal);
    const running = outcome(retry('imagePull', () => Promise.reject(transient()), { deadline }));
    await clock.advance(1_000);
    const reason = fail('CANCELLED', { what: 'up' });
    ctrlC.abort(reason);
    expect(await running).toBe(reason);
  });
});
