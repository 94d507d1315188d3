import { readRun } from '../benchmark/run-store.js';
import type { ConfigFlag } from '../config/load.js';
import { isStop } from '../execute.js';
import { quoteArgv } from '../failures/quote-argv.js';
import { fail } from '../failures/waa-error.js';
import { runToResume, settingsOfRun } from '../operations/resumed-run.js';
import type { KnownRun } from '../operations/runs.js';
import type { StatePaths } from '../state/paths.js';
import { optionWords } from './as-typed.js';
import { azureFlags } from './azure-flags.js';
import type { CommandCall } from './command.js';
import { textOption } from './input.js';
import { runFlags } from './run-flags.js';

/** A run that is stopped once it has a record goes on under its own name, whatever else is unfinished here. */
export async function resumable<T>(
  call: CommandCall,
  paths: StatePaths,
  runId: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isKept = isStop(error, call.surroundings.signal) && (await readRun(paths.run(runId).directory)) !== undefined;
    if (!isKept) throw error;
    throw fail('CANCELLED', { what: `waa ${call.spec.name}`, resume: goOnOf(call, runId) });
  }
}

/** Options whose values do not stand in the record of a run, or may be others when it goes on. */
const AGAIN = /^--(agent-dir|max-cost|screenshots|ignore)\b/;

/** The command that continues a run begun by this call; `budgetUsd` in place of the budget that was given. */
export function goOnOf({ spec, options }: CommandCall, runId: string, budgetUsd?: number): string {
  const again = spec.options?.filter(({ flags }) => AGAIN.test(flags)) ?? [];
  const given = budgetUsd === undefined ? options : { ...options, maxCost: String(budgetUsd) };
  return `waa run ${quoteArgv(['--resume', runId, ...optionWords({ options: again }, given)])}`;
}

/** The run that `--resume` means; the flag is there. */
export const resumed = (paths: StatePaths, { options }: CommandCall): Promise<KnownRun> =>
  runToResume(paths, textOption(options, 'resume'), textOption(options, 'name'));

/** What is given now goes before what a run was begun with, which openRunStore compares. Raises OWN_RUN_UNKNOWN. */
export async function runFlagsOf(call: CommandCall, paths: StatePaths): Promise<readonly ConfigFlag[]> {
  const given = [...azureFlags(call.options), ...runFlags(call.options)];
  if (call.options['resume'] === undefined) return given;
  return [...settingsOfRun((await resumed(paths, call)).head), ...given];
}
