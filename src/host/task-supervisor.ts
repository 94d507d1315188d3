import * as z from 'zod';
import type { ExecOptions, ExecResult, RemoteStream, SshLink } from '../clients/ssh/ssh.js';
import { fail, type WaaError } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import { tryJson } from '../try-json.js';

/** Runs our scripts on a worker, uploading them first when needed. `script` is the file name without `.sh`. */
export interface ScriptRunner {
  run(link: SshLink, script: string, args: readonly string[], options: ExecOptions): Promise<ExecResult>;
  stream(link: SshLink, script: string, args: readonly string[], options: ExecOptions): Promise<RemoteStream>;
}

/** Which attempt on which worker. `run` and `attempt` are plain names. */
export interface AttemptRef {
  readonly dataDirectory: string;
  readonly run: string;
  readonly attempt: string;
}

export interface TaskStart extends AttemptRef {
  readonly container: string;
  readonly domain: string;
  readonly taskId: string;
  /** The worker ends the task after this long, whoever is still watching. */
  readonly limitS: number;
  /** Program that is run: `azure` and the hash of an agent mean run.py by way of agent.sh's launcher. Default run.py. */
  readonly launch?: string;
  /** Arguments of run.py; the task and the place for results are added on the worker. */
  readonly runPyArgs: readonly string[];
  /** Environment of run.py. Sent through standard input, kept on a RAM disk, never in argv. */
  readonly secretEnv: Readonly<Record<string, string>>;
}

/** A gzipped tar and its hash. */
export interface PackedAgent {
  readonly sha256: string;
  readonly tar: Uint8Array;
}

const thereSchema = z.object({ there: z.boolean() });
const count = z.number().int().nonnegative();
const runsSchema = z.array(z.object({ run: z.string(), attempts: count, watched: z.boolean() }));

/** A run that has attempts on a worker's disk, or is `watched`: a controller asked after one of it within the last minute. */
export type RunThere = Readonly<z.infer<typeof runsSchema>[number]>;

const statusSchema = z.object({
  /** `lost`: recorded as running, but its supervisor is gone. */
  state: z.enum(['absent', 'running', 'ended', 'lost']),
  outcome: z.enum(['finished', 'timeout', 'stopped', 'container-died', 'start-failed', 'lost']).nullable(),
  exitCode: count.nullable(),
  startedS: count.nullable(),
  endedS: count.nullable(),
  /** By the worker's own clock, so that clock skew does not matter. */
  heartbeatAgeS: count.nullable(),
  step: count,
  lastLine: z.string(),
});

/** What `task.sh status` prints. */
export type TaskStatus = Readonly<z.infer<typeof statusSchema>>;

const readySchema = z.object({
  /** No results directory yet; the other fields are those of the data directory. */
  missing: z.boolean(),
  writable: z.boolean(),
  freeBytes: count,
  detail: z.string(),
});

/** Whether a worker can keep attempts. */
export type ResultsPlace = Readonly<z.infer<typeof readySchema>>;

export interface ManifestEntry {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * Attempts on a worker, run by task.sh and collect.sh: detached, with a heartbeat and a hard time limit of their own, so
 * that neither a dropped connection nor a dead controller stops them. Raises VM_SSH_* of the link; CLIENT_RESULTS_CORRUPT
 * of what collect.sh refuses; VM_HOST_SCRIPT_FAILED of a task.sh that fails, which says nothing about the attempt.
 */
export interface TaskSupervisor {
  /** Looks at the place for results; changes nothing. */
  ready(link: SshLink, dataDirectory: string, deadline: Deadline): Promise<ResultsPlace>;
  /** Makes the place for results. */
  prepare(link: SshLink, dataDirectory: string, deadline: Deadline): Promise<ResultsPlace>;
  /** Puts a user's agent on the worker unless it is there. Raises CLIENT_AGENT_UPLOAD. */
  putAgent(link: SshLink, dataDirectory: string, agent: PackedAgent, deadline: Deadline): Promise<void>;
  /** Runs on the worker, whoever began them: an attempt that was fetched and verified is not there any more. */
  runs(link: SshLink, dataDirectory: string, deadline: Deadline): Promise<readonly RunThere[]>;
  /**
   * Starts the attempt, or only reports it when it exists already. Raises CLIENT_TASK_START_FAILED: it does not run, also
   * where a task of another run does and is followed.
   */
  start(link: SshLink, task: TaskStart, deadline: Deadline): Promise<TaskStatus>;
  /** With `waitS` the answer comes when the attempt has ended, after so many seconds at the latest. */
  status(link: SshLink, attempt: AttemptRef, deadline: Deadline, waitS?: number): Promise<TaskStatus>;
  /** Asks the task to end; it has ended when `status` says so. */
  stop(link: SshLink, attempt: AttemptRef, deadline: Deadline): Promise<TaskStatus>;
  /** Every file of an ended attempt with its size and hash. Raises CLIENT_RESULTS_UNSAFE: more than any attempt has. */
  manifest(link: SshLink, attempt: AttemptRef, deadline: Deadline): Promise<readonly ManifestEntry[]>;
  /** The same files as a gzipped tar. */
  download(link: SshLink, attempt: AttemptRef, deadline: Deadline): Promise<RemoteStream>;
  /** Deletes an ended attempt on the worker. Only after its copy at home was verified. */
  remove(link: SshLink, attempt: AttemptRef, deadline: Deadline): Promise<void>;
}

/** A manifest of some thousand files stays far below this. */
const MANIFEST_BYTES = 8 * 1024 * 1024;

/** Creates the typed face of task.sh and collect.sh. */
export function createTaskSupervisor(scripts: ScriptRunner): TaskSupervisor {
  const refArgs = (ref: AttemptRef): readonly string[] => [ref.dataDirectory, ref.run, ref.attempt];
  const run = async (
    link: SshLink,
    script: 'task' | 'collect',
    args: readonly string[],
    { attempt }: AttemptRef,
    options: ExecOptions,
  ): Promise<string> => {
    const result = await scripts.run(link, script, args, options);
    if (result.exitCode === 0) return result.stdout;
    const detail = complaintOf(result) ?? `${script}.sh ended with ${result.exitCode}`;
    if (script === 'collect') throw fail('CLIENT_RESULTS_CORRUPT', { attempt, problem: detail });
    throw args[0] === 'start'
      ? fail('CLIENT_TASK_START_FAILED', { attempt, detail })
      : scriptFailed(link, result.exitCode, detail);
  };

  const place = async (
    link: SshLink,
    command: string,
    dataDirectory: string,
    deadline: Deadline,
  ): Promise<ResultsPlace> => {
    const result = await scripts.run(link, 'task', [command, dataDirectory], { deadline });
    const parsed = result.exitCode === 0 ? readySchema.safeParse(tryJson(result.stdout)) : undefined;
    if (parsed?.success) return parsed.data;
    const detail = complaintOf(result) ?? `task.sh printed "${result.stdout.slice(0, 120)}"`;
    throw fail('CLIENT_RESULTS_NOT_WRITABLE', { path: dataDirectory, detail });
  };
  return {
    ready: (link, dataDirectory, deadline) => place(link, 'ready', dataDirectory, deadline),
    prepare: (link, dataDirectory, deadline) => place(link, 'prepare', dataDirectory, deadline),
    async putAgent(link, dataDirectory, { sha256, tar }, deadline) {
      const ask = async (command: string, options: ExecOptions): Promise<boolean> => {
        const result = await scripts.run(link, 'agent', [command, dataDirectory, sha256], options);
        const parsed = result.exitCode === 0 ? thereSchema.safeParse(tryJson(result.stdout)) : undefined;
        if (parsed?.success) return parsed.data.there;
        throw fail('CLIENT_AGENT_UPLOAD', { detail: complaintOf(result) ?? `agent.sh ended with ${result.exitCode}` });
      };
      if (await ask('has', { deadline })) return;
      if (!(await ask('put', { deadline, stdin: tar })))
        throw fail('CLIENT_AGENT_UPLOAD', { detail: 'it is not there' });
    },
    async runs(link, dataDirectory, deadline) {
      const result = await scripts.run(link, 'task', ['runs', dataDirectory], { deadline });
      const parsed = result.exitCode === 0 ? runsSchema.safeParse(tryJson(result.stdout)) : undefined;
      if (parsed?.success) return parsed.data;
      throw scriptFailed(link, result.exitCode, complaintOf(result) ?? `it printed "${result.stdout.slice(0, 120)}"`);
    },
    async start(link, task, deadline) {
      const { container, domain, taskId, limitS, runPyArgs, launch = '-' } = task;
      const args = ['start', ...refArgs(task), container, domain, taskId, String(limitS), launch, ...runPyArgs];
      return parseStatus(link, await run(link, 'task', args, task, { deadline, stdin: envFile(task) }));
    },
    async status(link, ref, deadline, waitS = 0) {
      return parseStatus(link, await run(link, 'task', ['status', ...refArgs(ref), String(waitS)], ref, { deadline }));
    },
    async stop(link, ref, deadline) {
      return parseStatus(link, await run(link, 'task', ['stop', ...refArgs(ref)], ref, { deadline }));
    },
    async manifest(link, ref, deadline) {
      const options = { deadline, maxOutputBytes: MANIFEST_BYTES };
      const text = await run(link, 'collect', ['manifest', ...refArgs(ref)], ref, options);
      if (text.length < MANIFEST_BYTES) return parseManifest(text, ref);
      throw fail('CLIENT_RESULTS_UNSAFE', { attempt: ref.attempt, entry: 'some ten thousand files' });
    },
    download: (link, ref, deadline) => scripts.stream(link, 'collect', ['stream', ...refArgs(ref)], { deadline }),
    async remove(link, ref, deadline) {
      await run(link, 'collect', ['remove', ...refArgs(ref)], ref, { deadline });
    },
  };
}

/** The last line a script complained with, without lib.sh's mark. */
function complaintOf({ stderr }: ExecResult): string | undefined {
  const line = stderr.trim().split('\n').at(-1) ?? '';
  return line === '' ? undefined : line.replace(/^waa-error: [a-z-]+: /, '').slice(0, 300);
}

/** The lines of `docker exec --env-file`: NAME=value, nothing quoted, so a line break cannot be carried. */
function envFile(task: TaskStart): string {
  return Object.entries(task.secretEnv)
    .map(([name, value]) => {
      if (/[\r\n\0]/.test(value)) {
        throw fail('CLIENT_TASK_START_FAILED', { attempt: task.attempt, detail: `${name} holds a line break` });
      }
      return `${name}=${value}\n`;
    })
    .join('');
}

/** An answer that cannot be read may belong to an attempt that runs: the question is asked again. */
function parseStatus(link: SshLink, text: string): TaskStatus {
  const parsed = statusSchema.safeParse(tryJson(text));
  if (parsed.success) return parsed.data;
  throw scriptFailed(link, 0, `task.sh printed "${text.slice(0, 120)}"`, parsed.error);
}

function scriptFailed({ address: { host } }: SshLink, exitCode: number, detail: string, cause?: unknown): WaaError {
  return fail('VM_HOST_SCRIPT_FAILED', { host, script: 'task', exitCode, reason: 'no-status', detail }, { cause });
}

function parseManifest(text: string, ref: AttemptRef): readonly ManifestEntry[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const match = /^([0-9a-f]{64}) (\d+) (.+)$/.exec(line);
      if (!match?.[1] || !match[2] || !match[3]) {
        throw fail('CLIENT_RESULTS_CORRUPT', {
          attempt: ref.attempt,
          problem: `manifest line "${line.slice(0, 120)}"`,
        });
      }
      return { sha256: match[1], sizeBytes: Number(match[2]), path: match[3] };
    });
}
