import type { FailureCode, ParamsOf } from '../../failures/catalogue/index.js';
import type { WaaError } from '../../failures/waa-error.js';
import type { ErrorLink } from './error-chain.js';

/** A failed exchange with ARM, as far as it was seen. */
export interface ArmFailure {
  /** HTTP status; 200 for an operation that ended as Failed. */
  readonly status: number;
  readonly chain: readonly ErrorLink[];
  /** From Retry-After, 0 when there was none. */
  readonly retryAfterMs: number;
  /** What we were doing, e.g. `create vm w0`. */
  readonly operation: string;
  readonly body: string;
  readonly requestId?: string;
  readonly cause?: unknown;
}

/** What a rule works with. */
export interface SeenFailure extends ArmFailure {
  /** The statement the rule matched. */
  readonly link: ErrorLink;
  /** The message, shortened to one readable line. */
  readonly detail: string;
  fail<C extends FailureCode>(code: C, params: ParamsOf<C>): WaaError;
}

/** One row of the translation table. */
export interface TranslationRule {
  /** ARM codes this row is for, compared without case. Absent: any, also none. */
  readonly codes?: readonly string[];
  readonly statuses?: readonly number[];
  /** Sub-classification where one code means several things, or where there is no code. English wording of Azure. */
  readonly message?: RegExp;
  readonly to: (seen: SeenFailure) => WaaError;
}
