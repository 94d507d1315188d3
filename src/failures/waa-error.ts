import type { EventData } from '../events/catalogue.js';
import { catalogue, type FailureCode, type ParamsOf } from './catalogue/index.js';
import { exitCodeOf } from './exit-codes.js';
import type { Disposition, FailureDefinition, FailureKind, FailureLayer, FailureParams } from './failure.js';

/** Something kept to prove a failure: a short text, or a path to a longer one. */
export interface Evidence {
  /** What it is: `container log`, `screen`, `cloud-init output`. */
  readonly title: string;
  /** The text itself, at most some kilobytes, secrets removed. */
  readonly text?: string;
  /** Where the whole of it was written on this machine. */
  readonly path?: string;
}

/** A failure in the shape that `--json`, the journal and the checkpoint share. */
export interface FailureReport {
  readonly code: FailureCode;
  readonly layer: FailureLayer;
  readonly kind: FailureKind;
  readonly disposition: Disposition;
  readonly exitCode: number;
  readonly symptom: string;
  readonly why: string;
  readonly fix: readonly string[];
  readonly params: FailureParams;
  readonly evidence: readonly Evidence[];
  /** The foreign error's own words, when there is one. */
  readonly original?: string;
  readonly docs: string;
}

/** Every error that `waa` raises on purpose. Made by `fail` only. */
export class WaaError extends Error {
  override readonly name = 'WaaError';
  constructor(
    readonly code: FailureCode,
    readonly params: FailureParams,
    readonly evidence: readonly Evidence[],
    cause: unknown,
  ) {
    super(definitionOf(code).symptom(params), cause === undefined ? undefined : { cause });
  }

  get definition(): FailureDefinition {
    return definitionOf(this.code);
  }
  get layer(): FailureLayer {
    return this.definition.layer;
  }
  get disposition(): Disposition {
    return this.definition.disposition;
  }

  /** Neither waiting nor another try can help. */
  get isHopeless(): boolean {
    return this.disposition === 'permanent' || this.disposition === 'bug';
  }
  get exitCode(): number {
    return exitCodeOf(this.definition);
  }

  /** The same error with more evidence attached. */
  withEvidence(evidence: readonly Evidence[]): WaaError {
    if (evidence.length === 0) return this;
    return new WaaError(this.code, this.params, [...this.evidence, ...evidence], this.cause);
  }

  /** The report in the mutable types of the event catalogue's schema. */
  data(): EventData<'layer.fault'>['fault'] {
    const { original, ...report } = this.report();
    return {
      ...report,
      fix: [...report.fix],
      evidence: [...report.evidence],
      params: { ...report.params },
      ...(original === undefined ? {} : { original }),
    };
  }

  /** All a person or a program needs to know, as plain data. */
  report(): FailureReport {
    const definition = this.definition;
    const original = originalWords(this.cause);
    return {
      code: this.code,
      layer: definition.layer,
      kind: definition.kind,
      disposition: definition.disposition,
      exitCode: this.exitCode,
      symptom: this.message,
      why: definition.why,
      fix: definition.fix(this.params),
      params: this.params,
      evidence: this.evidence,
      ...(original === undefined ? {} : { original }),
      docs: `docs/failures.md#${this.code.toLowerCase()}`,
    };
  }
}

function definitionOf(code: FailureCode): FailureDefinition {
  return catalogue[code] as unknown as FailureDefinition;
}

function originalWords(cause: unknown): string | undefined {
  if (cause === undefined || cause === null) return undefined;
  if (cause instanceof WaaError) return `${cause.code}: ${cause.message}`;
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(String).join('; ');
  return cause instanceof Error ? cause.message : JSON.stringify(cause);
}

/** What caused a failure and what proves it. */
export interface FailContext {
  readonly cause?: unknown;
  readonly evidence?: readonly Evidence[];
}

/**
 * Makes a failure of the catalogue; the only way an error is made. `params` are what the entry's texts need.
 *
 * @example throw fail('VM_SSH_REFUSED', { host: '20.1.2.3' }, { cause })
 */
export function fail<C extends FailureCode>(code: C, params: ParamsOf<C>, context: FailContext = {}): WaaError {
  return new WaaError(code, params, context.evidence ?? [], context.cause);
}

/** Any thrown thing as a WaaError: itself, or a BUG with the original as its cause. */
export function asWaaError(error: unknown): WaaError {
  return error instanceof WaaError
    ? error
    : fail('BUG', { what: error instanceof Error ? error.message : String(error) }, { cause: error });
}
