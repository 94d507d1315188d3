import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join, posix, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract, type ReadEntry } from 'tar';
import type { SshLink } from '../clients/ssh/ssh.js';
import { fail, WaaError } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { AttemptRef, ManifestEntry, TaskSupervisor } from '../host/task-supervisor.js';
import type { AttemptEnd } from './executor.js';
import { readEnd } from './read-end.js';
import type { AttemptTrace } from './scoring.js';
import type { Task } from './task-index.js';

/** No attempt comes near: thirty steps with pictures are some 50 MB. Guards this disk against a broken worker. */
const MAX_BYTES = 2 * 1024 ** 3;

export interface Home {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Copies an ended attempt into `directory` and proves every file by size and hash against the worker's manifest. Until
 * then the copy lies beside it as `.partial-...`. Deletes nothing on the worker. Raises CLIENT_RESULTS_CORRUPT,
 * CLIENT_RESULTS_UNSAFE, VM_SSH_*.
 */
export async function bringHome(
  supervisor: TaskSupervisor,
  link: SshLink,
  attempt: AttemptRef,
  directory: string,
  deadline: Deadline,
): Promise<Home> {
  const manifest = await supervisor.manifest(link, attempt, deadline);
  const bytes = manifest.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  if (bytes > MAX_BYTES)
    throw fail('CLIENT_RESULTS_UNSAFE', { attempt: attempt.attempt, entry: `${bytes} bytes of files` });
  await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
  // A folder of its own for every try: what an interrupted extraction still writes must not meet the next one.
  const partial = await mkdtemp(`${directory}${PARTIAL}`);
  try {
    await receive(supervisor, link, attempt, partial, manifest, deadline);
    for (const entry of manifest) await verify(partial, entry, attempt.attempt);
    await rm(directory, { recursive: true, force: true });
    await rename(partial, directory);
  } catch (error) {
    await rm(partial, { recursive: true, force: true, maxRetries: 5 }).catch(() => {
      // Only rubbish is left, and openRunStore sweeps it away next time; the first error is what matters.
    });
    throw error;
  }
  return { files: manifest.length, bytes };
}

/** Stands in the name of a copy that was not verified. */
export const PARTIAL = '.partial-';

async function receive(
  supervisor: TaskSupervisor,
  link: SshLink,
  attempt: AttemptRef,
  directory: string,
  manifest: readonly ManifestEntry[],
  deadline: Deadline,
): Promise<void> {
  const promised = new Map(manifest.map((entry) => [entry.path, entry.sizeBytes]));
  const remote = await supervisor.download(link, attempt, deadline);
  // The pipeline below reports a broken connection; nobody may be left with an unhandled rejection meanwhile.
  remote.exit.catch(() => undefined);
  let unsafe: string | undefined;
  const safe = (path: string, entry: ReadEntry): boolean => {
    const plain = entry.type === 'File' || entry.type === 'OldFile' || entry.type === 'Directory';
    const inside = !path.startsWith('/') && !path.includes('\\') && !path.split('/').includes('..');
    if (!plain || !inside) unsafe ??= path;
    // Nothing lands here that was not announced, so that the stream cannot be larger than the manifest says.
    const announced = entry.type === 'Directory' || promised.get(posix.normalize(path)) === entry.size;
    return plain && inside && announced;
  };
  try {
    // `filter` is given an entry of the archive here; the other type is for creating archives.
    const filter = (path: string, entry: unknown): boolean => safe(path, entry as ReadEntry);
    const unpack = extract({ cwd: directory, strict: true, preserveOwner: false, filter });
    await pipeline(remote.stdout, unpack, { signal: deadline.signal });
    const exitCode = await deadline.race(remote.exit);
    if (exitCode !== 0) throw new Error(`collect.sh ended with ${exitCode}: ${remote.stderrTail().trim()}`);
  } catch (error) {
    remote.abort();
    if (deadline.signal.aborted && !deadline.expired) throw deadline.signal.reason;
    if (error instanceof WaaError) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    throw fail('CLIENT_RESULTS_CORRUPT', { attempt: attempt.attempt, problem }, { cause: error });
  }
  if (unsafe !== undefined) throw fail('CLIENT_RESULTS_UNSAFE', { attempt: attempt.attempt, entry: unsafe });
}

async function verify(directory: string, entry: ManifestEntry, attempt: string): Promise<void> {
  const corrupt = (problem: string, cause?: unknown): Error =>
    fail('CLIENT_RESULTS_CORRUPT', { attempt, problem: `${entry.path}: ${problem}` }, { cause });
  if (entry.path.startsWith('/') || entry.path.split('/').includes('..')) {
    throw fail('CLIENT_RESULTS_UNSAFE', { attempt, entry: entry.path });
  }
  const path = join(directory, entry.path);
  let size: number;
  const hash = createHash('sha256');
  try {
    size = (await stat(path)).size;
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    throw corrupt('is missing', cause);
  }
  if (size !== entry.sizeBytes) throw corrupt(`has ${size} of ${entry.sizeBytes} bytes`);
  if (hash.digest('hex') !== entry.sha256) throw corrupt('differs from the one on the worker');
}

/** What the attempt of `task` at `directory` left, for scoring. A missing directory leaves nothing. */
export async function readTrace(
  directory: string,
  end: AttemptEnd,
  task: Task,
  withheld: string | undefined,
): Promise<AttemptTrace> {
  const files = (await filesBelow(directory)).map((path) => relative(directory, path).split(sep).join('/'));
  const read = async (path: string | undefined): Promise<string | undefined> =>
    path === undefined ? undefined : readEnd(join(directory, path));
  const own = `/${task.domain}/${task.id}/`;
  const ofTask = (name: string): string | undefined => files.find((file) => file.endsWith(own + name));
  const foreign = files.find((file) => /(^|\/)result\.txt$/.test(file) && !file.endsWith(`${own}result.txt`));
  const log = files.find((file) => file === 'run.log') ?? files.find((file) => file.includes(`${own}logs/task-`));
  return {
    outcome: end.outcome,
    exitCode: end.exitCode,
    result: await read(ofTask('result.txt')),
    trajectory: (await read(ofTask('traj.jsonl'))) ?? '',
    log: (await read(log)) ?? '',
    feasible: task.feasible,
    foreign,
    withheld,
  };
}

/** Deletes the step pictures of an attempt that is home. */
export async function dropScreenshots(directory: string): Promise<void> {
  for (const file of await filesBelow(directory)) if (file.endsWith('.png')) await unlink(file);
}

async function filesBelow(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
