import type { Clock } from '../clock/clock.js';
import type { Emit } from '../events/bus.js';
import { asWaaError, fail, type WaaError } from '../failures/waa-error.js';
import { DeadlineExceeded, type Deadline } from '../health/deadline.js';
import { backoffMs } from './backoff.js';
import type { RetryPolicies, RetryPolicy, RetryPolicyName } from './policies.js';

export interface RetryOptions {
  readonly deadline: Deadline;
  /** Decides whether a failure is worth another try; by default those the catalogue calls transient. */
  readonly isRetryable?: (error: WaaError) => boolean;
  /** Turns an attempt that ran out of time into a failure; by default that of the policy, which is transient. */
  readonly onAttemptTimeout?: (attemptTimeoutMs: number) => WaaError;
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
        return await tryOnce(operation, options, policy.attemptTimeoutMs, attempt);
      } catch (error) {
        if (options.deadline.signal.aborted && !options.deadline.expired) throw error;
        const failure =
          error instanceof DeadlineExceeded
            ? outOfTime(policy.silence ?? { what: policyName, code: 'WAIT_TIMEOUT' }, error, attempt + 1, lastFailure)
            : asWaaError(error);
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

/** An attempt without an answer is told with what the attempt before it had said. */
function outOfTime(
  { what, code }: { readonly what: string; readonly code: 'WAIT_TIMEOUT' | 'AZURE_WAIT_TIMEOUT' },
  error: DeadlineExceeded,
  attempts: number,
  before: WaaError | undefined,
): WaaError {
  const last = before?.message ?? 'no answer';
  return fail(code, { what, seconds: Math.round(error.afterMs / 1000), attempts, last }, { cause: before ?? error });
}

async function tryOnce<T>(
  operation: (deadline: Deadline, attempt: number) => Promise<T>,
  options: RetryOptions,
  attemptTimeoutMs: number,
  attempt: number,
): Promise<T> {
  using own = options.deadline.child(attemptTimeoutMs);
  try {
    return await own.race(operation(own, attempt));
  } catch (error) {
    if (own.expired && !options.deadline.signal.aborted && options.onAttemptTimeout) {
      throw options.onAttemptTimeout(attemptTimeoutMs);
    }
    throw error;
  }
}
