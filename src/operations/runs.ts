import { readdir } from 'node:fs/promises';
import type { QueueLine, RunHead } from '../benchmark/run-record.js';
import { readRun } from '../benchmark/run-store.js';
import { asWaaError, fail, type WaaError } from '../failures/waa-error.js';
import { isSegment, type StatePaths } from '../state/paths.js';
import { errorCode } from '../state/store.js';
import type { Tell } from '../tell.js';

/** A run that is remembered on this machine. */
export interface KnownRun {
  readonly id: string;
  readonly head: RunHead;
  readonly lines: readonly QueueLine[];
}

/** Ids of everything that may be a run, newest first: an id begins with the time. What else lies there is passed over. */
export async function runIds(paths: StatePaths): Promise<readonly string[]> {
  try {
    const entries = await readdir(paths.runs, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && isSegment(entry.name))
      .map((entry) => entry.name)
      .sort()
      .reverse();
  } catch (error) {
    const problem = errorCode(error) ?? String(error);
    if (problem === 'ENOENT') return [];
    throw fail('OWN_STATE_UNREADABLE', { file: paths.runs, what: 'the list of runs', problem }, { cause: error });
  }
}

/** The run of an id; undefined when there is none. Raises CLIENT_RUN_CORRUPT and OWN_STATE_* for a damaged record. */
export async function findRun(paths: StatePaths, id: string): Promise<KnownRun | undefined> {
  const run = isSegment(id) ? await readRun(paths.run(id).directory) : undefined;
  return run && { id, ...run };
}

/** Every run whose record can be read, newest first; `passOver` is told why another one cannot. */
export async function listRuns(
  paths: StatePaths,
  passOver: (fault: WaaError, id: string) => void,
): Promise<readonly KnownRun[]> {
  const ids = await runIds(paths);
  const read = ids.map((id) => findRun(paths, id).catch((error: unknown) => ({ id, fault: asWaaError(error) })));
  return (await Promise.all(read)).flatMap((run) => {
    if (!run || !('fault' in run)) return run ?? [];
    passOver(run.fault, run.id);
    return [];
  });
}

/** Every run whose record can be read, newest first; of another one is told which file, what is wrong and what to do. */
export function readableRuns(paths: StatePaths, tell: Tell): Promise<readonly KnownRun[]> {
  return listRuns(paths, (fault) => {
    tell(`a run is passed over: ${fault.message}. ${fault.report().fix[0] ?? ''}`);
  });
}

/**
 * The run a command means: the one named, else the newest. Raises OWN_RUN_UNKNOWN, and CLIENT_RUN_CORRUPT and OWN_STATE_*
 * where the record of that very run is damaged.
 */
export async function chooseRun(paths: StatePaths, wanted: string | undefined): Promise<KnownRun> {
  const ids = await runIds(paths);
  for (const id of ids.filter((one) => wanted === undefined || one === wanted)) {
    const run = await findRun(paths, id);
    if (run) return run;
  }
  throw fail('OWN_RUN_UNKNOWN', { run: wanted ?? 'latest', known: ids.slice(0, 5).join(', ') });
}

/** A new run's id: sortable by time, unique enough on one machine. */
export function newRunId(epochMs: number, random: string): string {
  const stamp = new Date(epochMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return `${stamp}-${random}`;
}
