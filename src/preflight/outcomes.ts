import { asWaaError, type WaaError } from '../failures/waa-error.js';
import type { CheckOutcome, CheckSeverity } from './check.js';

/** The outcome of a check that found what it wants, with what a later step may use of it. */
export const pass = (detail: string, facts?: unknown): CheckOutcome =>
  facts === undefined ? { outcome: 'pass', detail } : { outcome: 'pass', detail, facts };

/** The outcome of a check that found a failure; by default as severe as the check's own. */
export const problem = (failure: WaaError, severity?: CheckSeverity): CheckOutcome => ({
  outcome: 'problem',
  problem: failure.report(),
  ...(severity === undefined ? {} : { severity }),
});

/** The outcome of a check that could not look. */
export const couldNotRun = (failure: WaaError): CheckOutcome => ({
  outcome: 'could-not-run',
  problem: failure.report(),
});

/**
 * Runs a look. A permanent failure of the look is a problem of its own (no login, no right); any other failure means
 * the check could not run, which is neither pass nor fail.
 */
export async function looking(look: () => Promise<CheckOutcome>): Promise<CheckOutcome> {
  try {
    return await look();
  } catch (error) {
    const failure = asWaaError(error);
    return failure.disposition === 'permanent' ? problem(failure) : couldNotRun(failure);
  }
}
