import { failure, type Disposition, type FailureDefinition, type FailureKind, type FailureLayer } from '../failure.js';

/** What a failure that was read in a log carries: the line that proves it. */
export interface LogParams extends Readonly<Record<string, string>> {
  readonly detail: string;
}

/** The fixed words of such a failure. */
export interface LogFailureWords {
  readonly kind: FailureKind;
  readonly disposition: Disposition;
  /** What the line means, as the first half of a sentence: the line itself follows after a colon. */
  readonly means: string;
  readonly why: string;
  readonly fix: readonly string[];
}

/** Makes a catalogue entry for a failure that is known by its text in a log. */
export function logFailure(layer: FailureLayer, words: LogFailureWords): FailureDefinition<LogParams> {
  return failure<LogParams>({
    layer,
    kind: words.kind,
    disposition: words.disposition,
    symptom: ({ detail }) => `${words.means}: ${detail}`,
    why: words.why,
    fix: () => words.fix,
  });
}
