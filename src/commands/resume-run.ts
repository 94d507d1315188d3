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

/** A run that goes on, and what has to be told about others. */
export interface Resumed {
  readonly run: KnownRun;
  readonly notes: readonly string[];
}

/** The run that `--resume` means; undefined without it. Raises OWN_RUN_UNKNOWN, and what a damaged record of it raises. */
export async function resumed({ options }: CommandCall, paths: StatePaths): Promise<Resumed | undefined> {
  if (options['resume'] === undefined) return undefined;
  const notes: string[] = [];
  const run = await runToResume(paths, textOption(options, 'resume'), textOption(options, 'name'), (note) => {
    notes.push(note);
  });
  return { run, notes };
}

/** What is given now goes before what the run that goes on was begun with, which openRunStore compares. */
export function runFlagsOf({ options }: CommandCall, run: KnownRun | undefined): readonly ConfigFlag[] {
  return [...(run ? settingsOfRun(run.head) : []), ...azureFlags(options), ...runFlags(options)];
}
