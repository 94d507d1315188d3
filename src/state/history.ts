import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { fail } from '../failures/waa-error.js';
import { median } from './median.js';
import { errorCode, makePrivateDirectory, readText } from './store.js';

const duration = z.object({
  v: z.literal(1),
  /** Epoch milliseconds of its end. */
  at: z.number(),
  /** What took the time: `windows.provision`, `task:<id>`. */
  step: z.string(),
  durationMs: z.number().nonnegative(),
  ok: z.boolean(),
  /** Set apart what is not comparable: `azure` or `lab`. */
  home: z.string(),
});
export type RecordedDuration = Omit<z.infer<typeof duration>, 'v'>;

/** How long things took before. */
export interface History {
  /** Appends one duration. Raises OWN_STATE_UNWRITABLE. */
  record(entry: RecordedDuration): Promise<void>;
  /** Median of the last 20 successes of a step in this home, in ms; undefined when it never succeeded. */
  expectedMs(step: string): number | undefined;
}

const SAMPLE = 20;

/** Opens the history of one home. Lines that cannot be read are passed over: it is a convenience, not state. */
export async function openHistory(file: string, home: string): Promise<History> {
  const text = (await readText(file, 'the history of durations')) ?? '';
  const entries = text
    .split('\n')
    .flatMap((line) => parseLine(line))
    .filter((entry) => entry.home === home);
  const tornTail = text !== '' && !text.endsWith('\n');
  let separator = tornTail ? '\n' : '';
  return {
    async record(entry) {
      entries.push(entry);
      try {
        await makePrivateDirectory(dirname(file));
        await appendFile(file, `${separator}${JSON.stringify({ v: 1, ...entry })}\n`, { mode: 0o600 });
        separator = '';
      } catch (error) {
        const problem = errorCode(error) ?? String(error);
        throw fail('OWN_STATE_UNWRITABLE', { file, what: 'the history of durations', problem }, { cause: error });
      }
    },
    expectedMs(step) {
      const known = entries.filter((entry) => entry.ok && entry.step === step).slice(-SAMPLE);
      return median(known.map((entry) => entry.durationMs));
    },
  };
}

function parseLine(line: string): RecordedDuration[] {
  try {
    const { v: _, ...entry } = duration.parse(JSON.parse(line));
    return [entry];
  } catch {
    return [];
  }
}
