import { mkdir, readdir, rm, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail } from '../failures/waa-error.js';
import { readState, readText, writeState } from '../state/store.js';
import { differenceOf } from './experiment.js';
import { attemptFolders, type AttemptFolders } from './report/collect-steps.js';
import { openLineLog } from './line-log.js';
import { PARTIAL } from './results.js';
import { queueLineSchema, runHeadKind, type QueueLine, type RunHead, type WorkerFacts } from './run-record.js';

const QUEUE = 'queue of the run';
const HEAD = 'run.json';

/** The folder of one run: `run.json`, `queue.jsonl`, `attempts/`. */
export interface RunStore {
  readonly head: RunHead;
  /** Every line so far, oldest first. */
  readonly lines: readonly QueueLine[];
  /** The line survives the death of this process when this returns. Raises OWN_STATE_UNWRITABLE. */
  append(line: QueueLine): void;
  /** Every line so far survives a power cut when the promise resolves. Raises OWN_STATE_UNWRITABLE. */
  flush(): Promise<void>;
  /** Adds to `run.json` what a worker turned out to be, unless that stands there already. */
  learn(facts: WorkerFacts): Promise<void>;
  /** Where its attempts lie. */
  readonly folders: AttemptFolders;
  close(): Promise<void>;
}

/**
 * Opens the folder of a run, making it for a new one. A run that exists must be the same experiment: CLIENT_RUN_MISMATCH
 * otherwise. A torn last line, left by a crash in the middle of a write, is cut off; any other damage is CLIENT_RUN_CORRUPT
 * or OWN_STATE_*.
 */
export async function openRunStore(directory: string, wanted: RunHead): Promise<RunStore> {
  await mkdir(join(directory, 'attempts'), { recursive: true, mode: 0o700 });
  await sweep(join(directory, 'attempts'));
  const headPath = join(directory, HEAD);
  let head = await openHead(headPath, wanted);
  const queuePath = join(directory, 'queue.jsonl');
  const lines = await readQueue(queuePath);
  const log = openLineLog(queuePath, QUEUE);
  let saved: Promise<void> = Promise.resolve();
  return {
    get head() {
      return head;
    },
    lines,
    append(line) {
      log.append(JSON.stringify(line));
      lines.push(line);
    },
    flush: () => log.flush(),
    async learn(facts) {
      const { workers = [] } = head;
      const last = workers.findLast((known) => known.worker === facts.worker);
      if (last && JSON.stringify({ ...last, at: '' }) === JSON.stringify({ ...facts, at: '' })) return;
      head = { ...head, workers: [...workers, facts] };
      saved = saved.then(() => writeState(headPath, runHeadKind, head));
      await saved;
    },
    close: () => log.close(),
    folders: attemptFolders(directory),
  };
}

/** `run.json` of a run that exists; undefined when there is none. Raises OWN_STATE_*. */
export function readRunHead(directory: string): Promise<RunHead | undefined> {
  return readState(join(directory, HEAD), runHeadKind);
}

/** Reads a run that exists, without changing it. Undefined when there is none. */
export async function readRun(directory: string): Promise<Pick<RunStore, 'head' | 'lines'> | undefined> {
  const head = await readRunHead(directory);
  const queuePath = join(directory, 'queue.jsonl');
  return head && { head, lines: parseQueue(queuePath, (await readText(queuePath, QUEUE)) ?? '').lines };
}

/** Removes copies of results that were never verified. */
async function sweep(attempts: string): Promise<void> {
  const names = await readdir(attempts);
  for (const name of names.filter((entry) => entry.includes(PARTIAL))) {
    await rm(join(attempts, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

async function openHead(path: string, wanted: RunHead): Promise<RunHead> {
  const head = await readState(path, runHeadKind);
  if (!head) {
    await writeState(path, runHeadKind, wanted);
    return wanted;
  }
  const difference = differenceOf(head, wanted);
  if (difference === undefined) return head;
  const { runId: run, deployment, ownAgent } = head;
  const agent = ownAgent && { agent: ownAgent.name };
  throw fail('CLIENT_RUN_MISMATCH', { run, deployment, ...agent, difference });
}

async function readQueue(path: string): Promise<QueueLine[]> {
  const text = (await readText(path, QUEUE)) ?? '';
  const { lines, wholeBytes } = parseQueue(path, text);
  if (wholeBytes < Buffer.byteLength(text)) await truncate(path, wholeBytes);
  return lines;
}

function parseQueue(path: string, text: string): { lines: QueueLine[]; wholeBytes: number } {
  const end = text.lastIndexOf('\n') + 1;
  const whole = text.slice(0, end);
  const lines = whole.split('\n').flatMap((line, index) => {
    if (line === '') return [];
    try {
      return queueLineSchema.parse(JSON.parse(line));
    } catch (cause) {
      const record = join(dirname(path), HEAD);
      throw fail('CLIENT_RUN_CORRUPT', { path, record, problem: `line ${index + 1}: ${firstLine(cause)}` }, { cause });
    }
  });
  return { lines, wholeBytes: Buffer.byteLength(whole) };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n').slice(0, 3).join(' ').slice(0, 200);
}
