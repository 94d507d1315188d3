import { standings } from '../benchmark/run-record.js';
import { readRunHead } from '../benchmark/run-store.js';
import { fail, type WaaError } from '../failures/waa-error.js';
import type { StatePaths } from '../state/paths.js';
import { listRuns } from './runs.js';

/** What may exist on the workers of a deployment alone. */
interface ResultsAway {
  /** Attempts that were begun and never brought home; those that could not be, until another one at the task is home. */
  readonly runs: readonly { readonly run: string; readonly attempts: number }[];
  /** OWN_RUN_UNREADABLE of each run that may be one of them. */
  readonly unreadable: readonly WaaError[];
}

/**
 * Results that are not home, of a deployment or of some of its workers. A run whose record cannot be read counts unless that
 * much of it can be read that it is another deployment's.
 */
export async function resultsAway(
  paths: StatePaths,
  deployment: string,
  workers?: readonly string[],
): Promise<ResultsAway> {
  const damaged: { readonly run: string; readonly fault: WaaError }[] = [];
  const known = await listRuns(paths, (fault, run) => damaged.push({ run, fault }));
  const runs = known.flatMap(({ id, head, lines }) => {
    if (head.deployment !== deployment) return [];
    const away = [...standings(lines).values()].flatMap(({ open, last }) => open ?? (last?.left ? last : []));
    const attempts = away.filter(({ worker }) => workers?.includes(worker) ?? true).length;
    return attempts === 0 ? [] : [{ run: id, attempts }];
  });
  const unreadable = damaged.map(async ({ run, fault }) => {
    // What the head cannot say either is in the fault already.
    const head = await readRunHead(paths.run(run).directory).catch(() => undefined);
    if (head && head.deployment !== deployment) return [];
    const mend = fault.report().fix[0] ?? '';
    return fail('OWN_RUN_UNREADABLE', { run, deployment, problem: fault.message, mend }, { cause: fault });
  });
  return { runs, unreadable: (await Promise.all(unreadable)).flat() };
}

/**
 * Raises OWN_RESULTS_NOT_HOME, and OWN_RUN_UNREADABLE for a run of which nobody can tell; with `passOver` that one is only
 * told.
 */
export async function requireResultsHome(
  paths: StatePaths,
  deployment: string,
  {
    workers,
    passOver = (fault) => {
      throw fault;
    },
  }: { readonly workers?: readonly string[]; readonly passOver?: (fault: WaaError) => void } = {},
): Promise<void> {
  const { runs, unreadable } = await resultsAway(paths, deployment, workers);
  if (runs[0]) throw fail('OWN_RESULTS_NOT_HOME', runs[0]);
  unreadable.forEach(passOver);
}
