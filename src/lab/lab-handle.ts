import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import writeFileAtomic from 'write-file-atomic';
import type { Clock } from '../clock/clock.js';
import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import { waitFor } from '../health/wait-for.js';
import { labEndpointsSchema, type LabEndpoints } from './lab-endpoints.js';

/** How to start a lab: the program itself, and what it shall be like. */
export interface LabStart {
  /** Folder of the lab: endpoints, log. */
  readonly directory: string;
  readonly self: readonly [node: string, script: string];
  readonly scale?: string;
  readonly seed?: string;
  readonly slackMs?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const endpointsFile = (directory: string): string => join(directory, 'lab.json');

/** Calls the control interface. Raises OWN_LAB_NOT_RUNNING when nobody answers. */
export async function callLab(lab: LabEndpoints, method: string, path: string, body?: unknown): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(new URL(path, lab.controlUrl), {
      method,
      headers: { authorization: `Bearer ${lab.controlToken}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // Loopback answers in milliseconds; a stopped process's port may be held by something silent.
      signal: AbortSignal.timeout(5000),
    });
  } catch (error) {
    throw fail('OWN_LAB_NOT_RUNNING', {}, { cause: error });
  }
  const answer: unknown = await response.json();
  if (!response.ok)
    throw fail('USAGE', { problem: `the lab refused: ${JSON.stringify(answer)}`, hint: 'waa lab faults' });
  return answer;
}

/** The lab that runs in `directory`, proven by asking it; undefined when none does. */
export async function findLab(directory: string): Promise<LabEndpoints | undefined> {
  let text: string;
  try {
    text = await readFile(endpointsFile(directory), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fail(
      'OWN_STATE_UNREADABLE',
      { file: endpointsFile(directory), what: 'lab endpoints', problem: (error as Error).message },
      { cause: error },
    );
  }
  const parsed = labEndpointsSchema.safeParse(parseJson(text));
  // A half-written or old file tells of no running lab; the next start replaces it.
  if (!parsed.success) return undefined;
  try {
    await callLab(parsed.data, 'GET', '/summary');
    return parsed.data;
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Asking whether another lab runs takes milliseconds, at most five seconds when it hangs. */
const PUBLISH_LOCK = { realpath: false, stale: 5000, retries: { retries: 30, minTimeout: 50, maxTimeout: 500 } };

/**
 * Writes where the lab listens, for the user only. Called by the serving process once everything listens. False when
 * another lab serves the folder already: whoever started that one may have been killed before it listened.
 */
export async function publishLab(directory: string, endpoints: LabEndpoints): Promise<boolean> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const leave = await lockfile.lock(endpointsFile(directory), PUBLISH_LOCK);
  try {
    if (await findLab(directory)) return false;
    await writeFileAtomic(endpointsFile(directory), JSON.stringify(endpoints), { mode: 0o600 });
    return true;
  } finally {
    await leave();
  }
}

/** Forgets where the lab listens: it can be reached no more. */
export async function withdrawLab(directory: string): Promise<void> {
  await rm(endpointsFile(directory), { force: true });
}

/** Starts a lab in the background, or returns the one that runs. Waits until it answers. */
export async function startLab(start: LabStart, clock: Clock, deadline: Deadline): Promise<LabEndpoints> {
  const running = await findLab(start.directory);
  if (running) return running;
  await mkdir(start.directory, { recursive: true, mode: 0o700 });
  const logPath = join(start.directory, 'lab.log');
  const log = await open(logPath, 'a', 0o600);
  try {
    const child = spawn(start.self[0], labArguments(start), {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...start.env },
      windowsHide: true,
    });
    child.unref();
    let ended: string | undefined;
    child.once('error', (error) => {
      ended = error.message;
    });
    child.once('exit', (code, signal) => {
      ended = `it ended with ${signal ?? `exit code ${String(code)}`}`;
    });
    return await waitFor<LabEndpoints>(
      async () => {
        const lab = await findLab(start.directory);
        if (lab) return { ok: true, value: lab };
        const fatal = ended === undefined ? {} : { fatal: fail('OWN_LAB_START_FAILED', { log: logPath, last: ended }) };
        return { ok: false, saw: ended ?? 'not listening yet', ...fatal };
      },
      {
        what: 'the lab',
        clock,
        deadline,
        everyMs: 100,
        attemptTimeoutMs: 6000,
        onTimeout: (last) => fail('OWN_LAB_START_FAILED', { log: logPath, last }),
      },
    );
  } finally {
    await log.close();
  }
}

/** Arguments of the serving process. */
function labArguments(start: LabStart): string[] {
  return [
    start.self[1],
    'lab',
    'serve',
    '--directory',
    start.directory,
    ...(start.scale === undefined ? [] : ['--scale', start.scale]),
    ...(start.seed === undefined ? [] : ['--seed', start.seed]),
    ...(start.slackMs === undefined ? [] : ['--slack', start.slackMs]),
  ];
}
