import { quoteArgv } from '../failures/quote-argv.js';
import type { FailureReport } from '../failures/waa-error.js';
import type { GlobalOptions } from './command.js';

/** The options of a command line that choose where it works. */
export type Place = Pick<GlobalOptions, 'lab' | 'home'>;

/** The program with the options that choose where it works, as they stood on the command line: `waa --lab`. */
export function programAsTyped({ lab, home }: Place): string {
  const chosen = home === undefined ? [] : ['--home', quoteArgv([home])];
  return ['waa', ...(lab ? ['--lab'] : []), ...chosen].join(' ');
}

/** A report whose fix steps can be pasted: they name the lab and the home the failed command was given. */
export function asTyped(report: FailureReport, globals: Place): FailureReport {
  const program = programAsTyped(globals);
  if (program === 'waa') return report;
  return { ...report, fix: report.fix.map((step) => step.replace(/\bwaa (?=[a-z])/g, `${program} `)) };
}
