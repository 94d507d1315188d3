import { writeFile } from 'node:fs/promises';
import { fail } from '../failures/waa-error.js';
import { errorCode, readText } from './store.js';

const WHAT = 'the time of the last use';

/**
 * Notes that somebody works with a deployment at this time, in epoch ms. Not of one that was deleted meanwhile: its directory
 * is not made again. Raises OWN_STATE_UNWRITABLE.
 */
export async function noteUse(file: string, atMs: number): Promise<void> {
  try {
    await writeFile(file, `${atMs}\n`, { mode: 0o600 });
  } catch (error) {
    const problem = errorCode(error);
    if (problem === 'ENOENT') return;
    throw fail('OWN_STATE_UNWRITABLE', { file, what: WHAT, problem: problem ?? String(error) }, { cause: error });
  }
}

/** When that was noted last; 0 when never, or when the file holds no time. Raises OWN_STATE_UNREADABLE. */
export async function lastUseMs(file: string): Promise<number> {
  const atMs = Number(await readText(file, WHAT));
  return Number.isFinite(atMs) ? atMs : 0;
}
