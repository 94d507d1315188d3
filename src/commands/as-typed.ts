import { quoteArgv } from '../failures/quote-argv.js';
import type { CommandSpec, GlobalOptions, RawOptions } from './command.js';
import { name as nameOption } from './common-options.js';
import { commandTable } from './table.js';

/** The options of a command line that choose where it works. */
export type Place = Pick<GlobalOptions, 'lab' | 'home'>;

/** The program with the options that choose where it works, as they stood on the command line: `waa --lab`. */
function programAsTyped({ lab, home }: Place): string {
  const chosen = home === undefined ? [] : ['--home', quoteArgv([home])];
  return ['waa', ...(lab ? ['--lab'] : []), ...chosen].join(' ');
}

/**
 * A text whose commands can be pasted: every `waa COMMAND` in it names the lab and the home that were given, and the
 * deployment, where COMMAND takes one and the text names none itself.
 */
export function asTyped(text: string, place: Place, deployment?: string): string {
  const named = deployment === undefined || /\s--name\b/.test(text) ? '' : ` --name ${quoteArgv([deployment])}`;
  return text.replace(/\bwaa (--lab )?([a-z]+(?:-[a-z]+)*)/g, (whole, lab: string | undefined, word: string) => {
    const specs = commandTable.filter(({ name }) => name.split(' ')[0] === word);
    // "the image that waa expects" is no command.
    if (specs.length === 0) return whole;
    const program = programAsTyped({ ...place, lab: place.lab || lab !== undefined });
    return `${program} ${word}${specs.some(({ options }) => options?.includes(nameOption)) ? named : ''}`;
  });
}

/** The options a command was given, as words of a command line; the deployment's name is left to `asTyped`. */
export function optionWords({ options = [] }: Pick<CommandSpec, 'options'>, given: RawOptions): readonly string[] {
  return options.flatMap((option): readonly string[] => {
    const [flag = '', name = ''] = /--([a-z0-9-]+)/.exec(option.flags) ?? [];
    const value = given[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (option === nameOption || value === undefined || value === false) return [];
    return value === true ? [flag] : [value].flat().flatMap((text) => [flag, text]);
  });
}

/** A report whose fix steps can be pasted, as `asTyped`. */
export function reportAsTyped<R extends { readonly fix: readonly string[] }>(
  report: R,
  place: Place,
  deployment?: string,
): R {
  return { ...report, fix: report.fix.map((step) => asTyped(step, place, deployment)) };
}
