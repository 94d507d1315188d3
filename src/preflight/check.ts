import type { Deadline } from '../health/deadline.js';
import type { FailureReport } from '../failures/waa-error.js';

export type CheckSeverity = 'critical' | 'warning';

/** What a check found. `could-not-run` is neither pass nor fail; `skipped` did not apply. */
export type CheckOutcome<F = unknown> =
  | { readonly outcome: 'pass'; readonly detail: string; readonly facts?: F }
  | { readonly outcome: 'problem'; readonly problem: FailureReport; readonly severity?: CheckSeverity }
  | { readonly outcome: 'could-not-run'; readonly problem: FailureReport }
  | { readonly outcome: 'skipped'; readonly detail: string };

/**
 * One preflight check as data. Read-only, free of cost, bounded by the deadline it is given. `id` is stable and is what
 * `--ignore` names. `C` is what the check needs to look.
 */
export interface Check<C = unknown, F = unknown> {
  /** Stable, kebab-case, prefixed by its layer: `azure-quota`. */
  readonly id: string;
  readonly title: string;
  /** The number of the requirement (P1..P16) it answers. */
  readonly requirement: string;
  /** How bad a problem is unless the outcome says otherwise. */
  readonly severity: CheckSeverity;
  run(context: C, deadline: Deadline): Promise<CheckOutcome<F>>;
  /** Repairs what is safe to repair without asking (`--fix`); the runner checks again afterwards. */
  fix?(context: C, deadline: Deadline): Promise<string>;
}
