import { fail } from '../failures/waa-error.js';
import type { RawOptions } from './command.js';

/** A text option; undefined when it was not given. */
export function textOption(options: RawOptions, key: string): string | undefined {
  const value = options[key];
  return typeof value === 'string' ? value : undefined;
}

/** An option without a value; false when it was not given. */
export function flagOption(options: RawOptions, key: string): boolean {
  return options[key] === true;
}

/** A variadic option; empty when it was not given. */
export function listOption(options: RawOptions, key: string): readonly string[] {
  const value = options[key];
  return typeof value === 'object' ? value : [];
}

/** A number option within bounds. Raises USAGE naming the option. */
export function numberOption(
  options: RawOptions,
  key: string,
  bounds: { readonly min: number; readonly max: number; readonly integer?: boolean },
): number | undefined {
  const text = textOption(options, key);
  if (text === undefined) return undefined;
  const value = Number(text);
  // JavaScript reads 1e2 and 0x10 as numbers; ten workers for a slip are dear.
  const isNumber = bounds.integer === true ? /^\d+$/.test(text) : /^(?:\d+\.?\d*|\.\d+)$/.test(text);
  if (isNumber && value >= bounds.min && value <= bounds.max) return value;
  const kind = bounds.integer === true ? 'a whole number' : 'a number';
  const flag = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw fail('USAGE', {
    problem: `${flag} ${text}: expected ${kind} from ${bounds.min} to ${bounds.max}`,
    hint: `e.g. ${flag} ${bounds.min}`,
  });
}
