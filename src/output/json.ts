import type { FailureReport } from '../failures/waa-error.js';
import { redactDeep, type Redact } from './redact.js';
import type { TextStream } from './streams.js';

/**
 * What `--json` prints: exactly one such document on stdout, whatever happens. Everything told on the way is for people
 * and goes to stderr; programs that want it read the journal.
 */
export type JsonDocument =
  | { readonly v: 1; readonly command: string; readonly ok: true; readonly result: unknown }
  | {
      readonly v: 1;
      readonly command: string;
      readonly ok: false;
      readonly error: FailureReport;
      /** What is known all the same, e.g. the status with an unhealthy layer. */
      readonly result?: unknown;
    };

/** Prints the document, secrets removed, with a line break at its end. */
export function writeJson(stdout: TextStream, document: JsonDocument, redact: Redact): void {
  stdout.write(`${JSON.stringify(redactDeep(document, redact), undefined, 2)}\n`);
}
