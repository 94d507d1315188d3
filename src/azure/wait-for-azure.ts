import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import { waitFor, type Observation, type WaitOptions } from '../health/wait-for.js';
import { ARM_LOOK_MS } from '../retry/policies.js';

/**
 * `waitFor` by looks at Azure. When time runs out it is Azure that was waited for: raises AZURE_WAIT_TIMEOUT with the last
 * thing seen, unless `onTimeout` says it better.
 */
export function waitForAzure<T>(
  probe: (deadline: Deadline) => Promise<Observation<T>>,
  options: Omit<WaitOptions, 'attemptTimeoutMs'>,
): Promise<T> {
  const { what, deadline } = options;
  return waitFor(probe, {
    attemptTimeoutMs: ARM_LOOK_MS,
    onTimeout: (last, attempts) =>
      fail('AZURE_WAIT_TIMEOUT', { what, seconds: Math.round(deadline.totalMs / 1000), attempts, last }),
    ...options,
  });
}
