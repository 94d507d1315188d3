import type { FailureCode } from './catalogue/index.js';
import type { FailureParams } from './failure.js';
import { patterns } from './patterns/index.js';
import type { Channel, Pattern } from './patterns/pattern.js';
import { WaaError, type FailContext } from './waa-error.js';

export { CHANNELS, type Channel } from './patterns/pattern.js';

/** What a text proves. */
export interface Match {
  readonly code: FailureCode;
  readonly params: FailureParams;
  /** The line that proves it, without colours and prefixes. */
  readonly line: string;
  /** Its number in the text as given, from 1. */
  readonly lineNumber: number;
}

interface Line {
  readonly text: string;
  readonly number: number;
}

const WEIGHTS = ['decisive', 'specific', 'generic'] as const;

/** Colours and cursor movements (ECMA-48). */

const ESCAPES = /\u001b\[[0-9;?]*[A-Za-z]/g;
/** What tools put before each line: docker compose's service name, `docker logs --timestamps`. */
const PREFIX = /^(?:[\w.-]+ +\| |\d{4}-\d\d-\d\dT[\d:.]+Z )/;
/** dockur's banner: a restarted container goes on in the same log, and only its newest start counts. */
const BANNER = /^❯ Starting Windows for \w+ v\d/;

function linesOf(channel: Channel, text: string): readonly Line[] {
  const lines = text
    .replace(ESCAPES, '')
    .split(/\r\n|\n|\r/)
    .map((line, index) => ({ text: line.replace(PREFIX, '').trimEnd(), number: index + 1 }))
    .filter((line) => line.text !== '');
  if (channel !== 'container-log') return lines;
  const start = lines.findLastIndex((line) => BANNER.test(line.text));
  return start < 0 ? lines : lines.slice(start);
}

/** The first line that a pattern proves a failure with, or undefined. */
function firstLine(pattern: Pattern, lines: readonly Line[]): { index: number; match: RegExpExecArray } | undefined {
  const { healedBy, unless } = pattern.options;
  for (const [index, line] of lines.entries()) {
    const match = pattern.when.exec(line.text);
    if (!match) continue;
    if (unless !== undefined && lines.some((other) => unless.test(other.text))) return undefined;
    if (healedBy !== undefined && lines.slice(index + 1).some((later) => healedBy.test(later.text))) continue;
    return { index, match };
  }
  return undefined;
}

/**
 * Names the failure that a text of `channel` proves: the first specific cause, not the last line, because what follows
 * the cause is mostly its consequence. Undefined when nothing in it is known to be a failure, which is no proof of health.
 */
export function matchText(channel: Channel, text: string): Match | undefined {
  const lines = linesOf(channel, text);
  for (const weight of WEIGHTS) {
    const found = patterns[channel]
      .filter((pattern) => (pattern.options.weight ?? 'specific') === weight)
      .map((pattern) => ({ pattern, at: firstLine(pattern, lines) }))
      .reduce<{ pattern: Pattern; index: number; match: RegExpExecArray } | undefined>(
        (first, { pattern, at }) => (at && (!first || at.index < first.index) ? { pattern, ...at } : first),
        undefined,
      );
    const line = found && lines[found.index];
    if (!found || !line) continue;
    return {
      code: found.pattern.code,
      params: found.pattern.params(found.match, line.text),
      line: line.text,
      lineNumber: line.number,
    };
  }
  return undefined;
}

/** The failure that a text proves, ready to be thrown, or undefined. */
export function failureIn(channel: Channel, text: string, context: FailContext = {}): WaaError | undefined {
  const match = matchText(channel, text);
  return match && new WaaError(match.code, match.params, context.evidence ?? [], context.cause);
}
