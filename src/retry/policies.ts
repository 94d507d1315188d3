import type { Backoff } from './backoff.js';
import { addressServiceIsSilent, azureIsSilent, daemonIsSilent, type NameSilence } from './silence.js';

/** How often and how patiently one kind of call is repeated. */
export interface RetryPolicy extends Backoff {
  /** Tries in all, the first included. */
  readonly attempts: number;
  /** Budget of one try. */
  readonly attemptTimeoutMs: number;
  /** Whose failure it is when no answer comes, where that does not depend on who is asked: RetryOptions then. */
  readonly silence?: NameSilence;
}

const s = 1000;

/**
 * The retry table of requirement R2. The first five rows are given there; the others are ours:
 * arm 2/6/64 covers the 60 s refill of a compute throttling bucket, ssh 3/10/20 the 15-40 s between `running` and sshd;
 * fileTransfer gives an agent, or one attempt's files, five minutes a try. R2's row for the boot of Windows is not here:
 * nothing is asked again, the windows layer watches screen and disk (its numbers: layers/windows/limits.ts).
 */
export const retryPolicies = {
  dockerDaemon: { baseMs: 2 * s, attempts: 5, maxMs: 64 * s, attemptTimeoutMs: 20 * s, silence: daemonIsSilent },
  imagePull: { baseMs: 60 * s, attempts: 3, maxMs: 300 * s, attemptTimeoutMs: 900 * s },
  containerStart: { baseMs: 5 * s, attempts: 5, maxMs: 120 * s, attemptTimeoutMs: 60 * s },
  serverProbe: { baseMs: 5 * s, attempts: 10, maxMs: 60 * s, attemptTimeoutMs: 10 * s },
  taskApi: { baseMs: 1 * s, attempts: 3, maxMs: 10 * s, attemptTimeoutMs: 30 * s },
  arm: { baseMs: 2 * s, attempts: 6, maxMs: 64 * s, attemptTimeoutMs: 60 * s, silence: azureIsSilent },
  ssh: { baseMs: 3 * s, attempts: 10, maxMs: 20 * s, attemptTimeoutMs: 15 * s },
  fileTransfer: { baseMs: 2 * s, attempts: 5, maxMs: 30 * s, attemptTimeoutMs: 300 * s },
  callerAddress: { baseMs: 1 * s, attempts: 3, maxMs: 8 * s, attemptTimeoutMs: 8 * s, silence: addressServiceIsSilent },
} as const satisfies Record<string, RetryPolicy>;

export type RetryPolicyName = keyof typeof retryPolicies;
export type RetryPolicies = Readonly<Record<RetryPolicyName, RetryPolicy>>;

/** Budget of one look at Azure within a wait: shorter than a try of its own, since the next look comes anyway. */
export const ARM_LOOK_MS = 30 * s;
