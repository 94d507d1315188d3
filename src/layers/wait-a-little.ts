import type { WaaError } from '../failures/waa-error.js';
import type { LayerContext, Recovery } from './layer.js';

/** Where a passing failure does not say itself how long it lasts. */
const SHORT_WAIT_MS = 15_000;
/** The retrier has been patient already; beyond this many pauses nothing new would happen. */
const MAX_PAUSES = 2;

/**
 * The rung for a failure that passes by itself: waits as long as it asks for; the check afterwards tells whether that helped.
 * Gives up after two pauses, and at once where it asks for more time than the step has.
 */
export async function waitALittle(
  { clock, deadline, recoveryAttempt }: Pick<LayerContext, 'clock' | 'deadline' | 'recoveryAttempt'>,
  fault: WaaError,
): Promise<Recovery> {
  if (recoveryAttempt >= MAX_PAUSES) return { outcome: 'give-up' };
  const waitMs = Math.max(SHORT_WAIT_MS, Number(fault.params['retryAfterMs'] ?? 0));
  const seconds = Math.round(waitMs / 1000);
  if (waitMs >= deadline.remainingMs())
    return { outcome: 'give-up', reason: `it asks for a pause of ${seconds} s, and there is no time for that` };
  await clock.sleep(waitMs, deadline.signal);
  return { outcome: 'acted', action: `waited ${seconds} s` };
}
