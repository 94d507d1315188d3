import type { FailureCode, ParamsOf } from '../catalogue/index.js';
import type { LogParams } from '../catalogue/log-failure.js';
import type { FailureParams } from '../failure.js';

/** Kinds of text, by what prints it: the same words mean different things in different places. */
export const CHANNELS = [
  'container-log',
  'qemu-log',
  'firmware',
  'dockerd',
  'docker-api',
  'cloud-init',
  'kernel',
  'host-shell',
  'ssh',
  'guest-server',
  'run.py',
  'model-api',
] as const;
export type Channel = (typeof CHANNELS)[number];

/** How a pattern competes with the others that match the same text. */
export interface PatternOptions {
  /**
   * decisive: names the cause wherever it stands. specific (default): the first in the text wins. generic: only says
   * that something failed, and counts when nothing better is found.
   */
  readonly weight?: 'decisive' | 'specific' | 'generic';
  /** The trouble was overcome when a later line matches: the pattern does not count then. */
  readonly healedBy?: RegExp;
  /** The pattern means something else when any line of the text matches this. */
  readonly unless?: RegExp;
}

/** One line of text that proves a failure. */
export interface Pattern {
  readonly code: FailureCode;
  readonly when: RegExp;
  readonly params: (match: RegExpExecArray, line: string) => FailureParams;
  readonly options: PatternOptions;
}

/** Codes whose only parameter is the line that proves them. */
type LineCode = {
  [C in FailureCode]: [LogParams] extends [ParamsOf<C>]
    ? [ParamsOf<C>] extends [{ detail: string }]
      ? C
      : never
    : never;
}[FailureCode];

/** Longest line that goes into a message; logs hold lines of kilobytes. */
const MAX_DETAIL = 300;

/** Cuts a line to what a message can hold. */
export function clip(line: string): string {
  return line.length <= MAX_DETAIL ? line : `${line.slice(0, MAX_DETAIL)}…`;
}

/** A pattern whose line is the whole message. */
export function line(code: LineCode, when: RegExp, options: PatternOptions = {}): Pattern {
  return { code, when, params: (_match, text) => ({ detail: clip(text) }), options };
}

/** A group of the match by number; empty when it took no part. */
export type Group = (index: number) => string;

/** A pattern whose code needs more than the line. */
export function cause<C extends FailureCode>(
  code: C,
  when: RegExp,
  params: (group: Group, line: string) => ParamsOf<C>,
  options: PatternOptions = {},
): Pattern {
  return { code, when, params: (match, text) => params((index) => match[index] ?? '', text), options };
}
