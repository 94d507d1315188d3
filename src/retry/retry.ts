import type { Clock } from '../clock/clock.js';
import type { Emit } from '../events/bus.js';
import { asWaaError, fail, type WaaError } from '../failures/waa-error.js';
import { DeadlineExceeded, type Deadline } from '../health/deadline.js';
import { backoffMs } from './backoff.js';
import type { RetryPolicies, RetryPolicy, RetryPolicyName } from './policies.js';
import type { NameSilence, Silence } from './silence.js';

export interface RetryOptions {
  readonly deadline: Deadline;
  /** Decides whether a failure is worth another try; by default those the catalogue calls transient. */
  readonly isRetryable?: (error: WaaError) => boolean;
  /** Names a try that ran out of time; by default as the policy does, and where that does not: WAIT_TIMEOUT, waa's own. */
  readonly silence?: NameSilence;
}

/** Repeats an operation under a named policy. */
export type Retrier = <T>(
  policy: RetryPolicyName,
  operation: (deadline: Deadline, attempt: number) => Promise<T>,
  options: RetryOptions,
) => Promise<T>;

export interface RetrierDependencies {
  readonly clock: Clock;
  readonly policies: RetryPolicies;
  readonly emit: Emit;
  /** 0..1; a constant makes the waits exact. */
  readonly random: () => number;
}

/** `Retry-After` of the other side, carried in the failure's parameters as `retryAfterMs`. */
function retryAfterOf(error: WaaError): number {
  const value = error.params['retryAfterMs'];
  return typeof value === 'number' ? value : 0;
}

/**
 * Makes the one retry loop of the product: retry(attempt-timeout(operation)). Only transient failures are
 * repeated; a back-off ends at once when the deadline or a person ends it; a wait that cannot end before the deadline
 * is not begun, so the last real failure is what the caller sees.
 */
export function createRetrier({ clock, policies, emit, random }: RetrierDependencies): Retrier {
  return async (policyName, operation, options) => {
    const policy: RetryPolicy = policies[policyName];
    const isRetryable = options.isRetryable ?? ((error: WaaError) => error.disposition === 'transient');
    let lastFailure: WaaError | undefined;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await tryOnce((own) => operation(own, attempt), options.deadline, policy.attemptTimeoutMs);
      } catch (error) {
        if (options.deadline.signal.aborted && !options.deadline.expired) throw error;
        const name = options.silence ?? policy.silence ?? waitedInVain(policyName);
        const failure =
          error instanceof DeadlineExceeded ? name(silenceOf(error, attempt + 1, lastFailure)) : asWaaError(error);
        lastFailure = failure;
        const waitMs = backoffMs(policy, attempt, random(), retryAfterOf(failure));
        if (!isRetryable(failure) || attempt + 1 >= policy.attempts || waitMs >= options.deadline.remainingMs())
          throw failure;
        const data = { policy: policyName, attempt: attempt + 1, waitMs, reason: failure.code };
        emit('retry.waiting', data, `${failure.message}; again in ${Math.round(waitMs / 1000)} s`, { level: 'warn' });
        await clock.sleep(waitMs, options.deadline.signal).catch((reason: unknown) => {
          throw options.deadline.expired ? failure : reason;
        });
      }
    }
  };
}

async function tryOnce<T>(
  operation: (deadline: Deadline) => Promise<T>,
  deadline: Deadline,
  attemptTimeoutMs: number,
): Promise<T> {
  using own = deadline.child(attemptTimeoutMs);
  return await own.race(operation(own));
}

/** A try without an answer is told with what the one before it had said. */
function silenceOf(error: DeadlineExceeded, attempts: number, before: WaaError | undefined): Silence {
  return { seconds: Math.round(error.afterMs / 1000), attempts, last: before?.message, cause: before ?? error };
}

const waitedInVain =
  (what: string): NameSilence =>
  ({ seconds, attempts, last = 'no answer', cause }) =>
    fail('WAIT_TIMEOUT', { what, seconds, attempts, last }, { cause });
