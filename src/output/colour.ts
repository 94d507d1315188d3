import picocolors from 'picocolors';
import { noColour, type Colour } from './paint/style.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether to colour a stream: `NO_COLOR` (https://no-color.org) forbids, `FORCE_COLOR` demands (`0` and `false`
 * forbid), else only a terminal that is not `dumb` gets colour.
 */
export function wantsColour(env: Environment, isTTY: boolean): boolean {
  if (env['NO_COLOR']) return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return isTTY && env['TERM'] !== 'dumb';
}

/** Whether Unicode marks will be seen as such: a UTF-8 locale, or one of the terminals of Windows that know them. */
export function wantsUnicode(env: Environment, platform: string): boolean {
  if (platform === 'win32') return Boolean(env['WT_SESSION'] ?? env['TERM_PROGRAM'] ?? env['ConEmuTask']);
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /utf-?8/i.test(locale) || (locale === '' && platform === 'darwin');
}

/** The colours of a stream. */
export function createColour(enabled: boolean): Colour {
  if (!enabled) return noColour;
  const { bold, dim, red, green, yellow, cyan, gray } = picocolors.createColors(true);
  return { bold, dim, red, green, yellow, cyan, grey: gray };
}
