import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { spendLine, type SpendLine } from '../deployment/spend.js';
import { fail } from '../failures/waa-error.js';
import { errorCode, makePrivateDirectory, readText } from './store.js';

const WHAT = 'the record of costs';

/** Everything that was ever spent from this home, oldest first. Lines that cannot be read are counted, not guessed. */
export async function readSpend(
  file: string,
): Promise<{ readonly lines: readonly SpendLine[]; readonly unreadable: number }> {
  const rows = ((await readText(file, WHAT)) ?? '').split('\n').filter((row) => row !== '');
  const lines = rows.flatMap(parseRow);
  return { lines, unreadable: rows.length - lines.length };
}

function parseRow(row: string): SpendLine[] {
  try {
    return [spendLine.parse(JSON.parse(row))];
  } catch {
    return []; // torn by a crash or written by a newer version; counted by the caller
  }
}

/** Appends lines; each begins a row of its own, whatever a crash left behind. Raises OWN_STATE_UNWRITABLE. */
export async function appendSpend(file: string, lines: readonly SpendLine[]): Promise<void> {
  if (lines.length === 0) return;
  try {
    await makePrivateDirectory(dirname(file));
    await appendFile(file, lines.map((line) => `\n${JSON.stringify(line)}`).join('') + '\n', { mode: 0o600 });
  } catch (error) {
    throw fail(
      'OWN_STATE_UNWRITABLE',
      { file, what: WHAT, problem: errorCode(error) ?? String(error) },
      { cause: error },
    );
  }
}
