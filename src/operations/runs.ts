import { readdir } from 'node:fs/promises';
import { standings, type QueueLine, type RunHead } from '../benchmark/run-record.js';
import { readRun } from '../benchmark/run-store.js';
import { fail } from '../failures/waa-error.js';
import type { StatePaths } from '../state/paths.js';

/** A run that is remembered on this machine. */
export interface KnownRun {
  readonly id: string;
  readonly head: RunHead;
  readonly lines: readonly QueueLine[];
}

/** Every run, newest first. A folder without a record is no run. */
export async function listRuns(paths: StatePaths): Promise<readonly KnownRun[]> {
  const ids = await readdir(paths.runs).catch((thrown: unknown) => {
    const error = thrown as NodeJS.ErrnoException;
    if (error.code === 'ENOENT') return [];
    throw fail(
      'OWN_STATE_UNREADABLE',
      { file: paths.runs, what: 'the list of runs', problem: error.message },
      { cause: error },
    );
  });
  const runs = await Promise.all(ids.map(async (id) => ({ id, run: await readRun(paths.run(id).directory) })));
  return runs
    .flatMap(({ id, run }) => (run ? [{ id, ...run }] : []))
    .sort((a, b) => b.head.createdAt.localeCompare(a.head.createdAt));
}

/** The run a command means: the one named, else the newest. Raises OWN_RUN_UNKNOWN. */
export async function chooseRun(paths: StatePaths, wanted: string | undefined): Promise<KnownRun> {
  const runs = await listRuns(paths);
  const found = wanted === undefined ? runs[0] : runs.find((run) => run.id === wanted);
  if (found) return found;
  const known = runs
    .slice(0, 5)
    .map((run) => run.id)
    .join(', ');
  throw fail('OWN_RUN_UNKNOWN', { run: wanted ?? 'latest', known });
}

/**
 * Attempts that were begun on a deployment, or on some of its workers, and whose results were never brought home; those
 * that could not be count until another attempt at the task is home.
 */
export async function runsNotHome(
  paths: StatePaths,
  deployment: string,
  workers?: readonly string[],
): Promise<readonly { readonly run: string; readonly attempts: number }[]> {
  const runs = (await listRuns(paths)).filter((run) => run.head.deployment === deployment);
  return runs.flatMap(({ id, lines }) => {
    const away = [...standings(lines).values()].flatMap(({ open, last }) => open ?? (last?.left ? last : []));
    const attempts = away.filter(({ worker }) => workers?.includes(worker) ?? true).length;
    return attempts === 0 ? [] : [{ run: id, attempts }];
  });
}

/** A new run's id: sortable by time, unique enough on one machine. */
export function newRunId(epochMs: number, random: string): string {
  const stamp = new Date(epochMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return `${stamp}-${random}`;
}
