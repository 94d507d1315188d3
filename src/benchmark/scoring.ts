import type { TaskState } from '../events/catalogue.js';
import type { FailureCode } from '../failures/catalogue/index.js';
import { matchText } from '../failures/match.js';
import { modelPatterns } from '../failures/patterns/waa.js';

/** How the attempt's process ended, as the supervisor on the worker recorded it. */
export type AttemptOutcome = 'finished' | 'timeout' | 'stopped' | 'container-died' | 'start-failed' | 'lost';

/** What an attempt left behind. */
export interface AttemptTrace {
  readonly outcome: AttemptOutcome;
  /** Exit code of run.py, when it ended by itself. */
  readonly exitCode: number | undefined;
  /** `result.txt`; undefined when there is none. */
  readonly result: string | undefined;
  /** `traj.jsonl`; empty when there is none. */
  readonly trajectory: string;
  /** What run.py printed, with or without colour codes. */
  readonly log: string;
  /** False: the right answer is to give up, so that a full score proves nothing about what the agent saw. */
  readonly feasible: boolean;
  /** A `result.txt` that lies where another task's would: its path. */
  readonly foreign: string | undefined;
  /** Why its files stay on the worker: there are too many, or some could do harm here. */
  readonly withheld: string | undefined;
}

/** What an attempt counts for. A score only for `scored`. */
export interface AttemptVerdict {
  readonly state: TaskState;
  readonly score: number | null;
  /** The trace that decided, in a few words. */
  readonly reason: string;
}

interface Trace {
  readonly pattern: RegExp;
  readonly means: string;
}

/**
 * Lines after which a zero says nothing about the agent: upstream logs a failed set-up step and goes on. Source:
 * desktop_env/controllers of WindowsAgentArena at 6d39ed8. Two lines stand in every healthy log and are no trace:
 * `Not implemented! Reverting to snapshot ...` and a single `Observation is None. Waiting a little ...`.
 */
const infraTraces: readonly Trace[] = [
  { pattern: /Failed to upload file\. Status code:/, means: 'a file of the task could not be handed to Windows' },
  { pattern: /Failed to download .*(?:No retries left|Error)/, means: 'a file of the task could not be downloaded' },
  { pattern: /An error occurred while trying to send the request:/, means: 'the WAA server could not be reached' },
  { pattern: /Failed to connect after multiple attempts/, means: 'the WAA server could not be reached' },
  { pattern: /Failed to connect to QMP/, means: 'QEMU could not be reached' },
  { pattern: /Failed to get screenshot!/, means: 'no screenshot could be taken' },
  {
    pattern: /Failed to get (?:accessibility tree|screen size|the observations[^.]*)\. Status code: 5\d\d/,
    means: 'the WAA server answered 500',
  },
  { pattern: /Failed to download \S+ caused by .*\(0 attempts left\)/, means: 'a file of the task did not come' },
  {
    pattern: /Request timed out while trying to get accessibility tree\./,
    means: 'the accessibility tree did not come',
  },
  { pattern: /VM did not become ready after 20 attempts\./, means: 'Windows did not become ready' },
  {
    pattern: /ConnectionRefusedError|ConnectionResetError|RemoteDisconnected|ReadTimeoutError|NewConnectionError/,
    means: 'a connection broke',
  },
];

/**
 * The same of steps that the evaluator takes, too (`postconfig`, by the same SetupController): there they fail because
 * the agent closed the window or moved the file. They are traces before its first action only.
 */
const setUpTraces: readonly Trace[] = [
  { pattern: /Failed to launch application\. Status code:/, means: 'an application of the task could not be started' },
  { pattern: /Failed to open file\. Status code:/, means: 'a file of the task could not be opened' },
  { pattern: /Failed to activate window/, means: 'a window of the task could not be activated' },
];

/** Failures of the model's side, which are not the agent's doing either. A refused request is: the agent wrote it. */
const modelFailures: Partial<Record<FailureCode, string>> = {
  CLIENT_MODEL_KEY_INVALID: 'the model refused the API key',
  CLIENT_MODEL_NO_CREDIT: 'the model account has no credit',
  CLIENT_MODEL_RATE_LIMITED: 'the model was asked too often',
  CLIENT_MODEL_UNREACHABLE: 'the model could not be reached',
  CLIENT_MODEL_UNKNOWN: 'the model does not exist',
};
const modelTraces: readonly Trace[] = modelPatterns.flatMap(({ code, when }) => {
  const means = modelFailures[code];
  return means === undefined ? [] : [{ pattern: when, means }];
});

/** Upstream turns any exception of a getter or metric into a zero. */
const evaluatorTrace = /An unexpected error occurred: /;

/** Printed by our launcher when the user's own agent cannot be loaded. */
const agentTrace = /^waa: the agent could not be loaded/m;

/** Observations that stay empty this often within a step are a dead screen, not a slow one. */
const EMPTY_OBSERVATIONS = 5;

/**
 * The truth table: what an attempt counts for. Pure. A zero beside a trace of broken infrastructure is never an honest
 * zero. A score above it is believed whatever the log says, because nothing but the task itself can produce it; of an
 * infeasible task it is not, because an agent in front of a dead screen gives up, too.
 */
export function verdict(trace: AttemptTrace): AttemptVerdict {
  const none = (state: TaskState, reason: string): AttemptVerdict => ({ state, score: null, reason });
  if (trace.outcome === 'container-died') return none('infra_error', 'the container ended during the task');
  if (trace.outcome === 'lost') return none('infra_error', 'the supervisor of the task is gone');
  if (trace.outcome === 'start-failed') return none('infra_error', 'the task could not be started');
  if (trace.outcome === 'stopped') return none('cancelled', 'stopped on request');
  // The agent's own code may have written anything; what its task came to cannot be told from here.
  if (trace.withheld !== undefined) return none('eval_error', trace.withheld);

  const score = parseScore(trace.result);
  const log = stripColours(trace.log);
  if (trace.foreign !== undefined) return none('infra_error', `it holds the result of another task: ${trace.foreign}`);
  const taint = findTaint(log) ?? findTaint(crashRecord(trace.trajectory) ?? '');
  if (score !== undefined && score > 0 && (trace.feasible || !taint)) return { state: 'scored', score, reason: '' };
  if (taint) return none('infra_error', taint);
  if (trace.outcome === 'timeout' && neverAnswered(log)) return none('infra_error', 'the WAA server never answered');
  if (trace.outcome === 'timeout') return none('timeout', 'time limit reached');
  if (score === 0) {
    return evaluatorTrace.test(log)
      ? none('eval_error', 'the evaluator raised an exception')
      : { state: 'scored', score: 0, reason: '' };
  }
  if (trace.result !== undefined) return none('eval_error', `result.txt holds "${trace.result.trim().slice(0, 40)}"`);
  const crash = crashRecord(trace.trajectory) ?? crashLine(log);
  if (crash) return none('agent_error', `crashed: ${crash.slice(0, 160)}`);
  if (trace.exitCode === 0 || trace.exitCode === undefined) return none('infra_error', 'run.py ended without a result');
  // Before the task began only run.py itself can have failed; the agent is loaded first, and says so itself.
  const broken = agentTrace.test(log) ? undefined : matchText('run.py', log);
  return broken
    ? none('infra_error', `run.py could not run: ${broken.line.slice(0, 160)}`)
    : none('agent_error', `run.py ended with exit code ${trace.exitCode}`);
}

/** Upstream's run.py asks for /probe every 5 s without an end; one that still does so never came to its task. */
const neverAnswered = (log: string): boolean => /Failed to get hello: .*\s+Retrying\.\.\.\s*$/.test(log);

/** A score of 0..1, or undefined for anything else. One metric of upstream writes a Python bool. */
export function parseScore(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  if (trimmed === 'True') return 1;
  if (trimmed === 'False') return 0;
  if (!/^\d+(\.\d+)?(e-?\d+)?$/.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return value <= 1 ? value : undefined;
}

/** The first trace of broken infrastructure in a text, in words. */
export function findTaint(text: string): string | undefined {
  // Logged before each action: lib_run_single.py.
  const [setUp = '', ...steps] = text.split(/\bStep \d+:/);
  const found =
    setUpTraces.find((trace) => trace.pattern.test(setUp)) ??
    [...infraTraces, ...modelTraces].find((trace) => trace.pattern.test(text));
  if (found) return found.means;
  const dead = [setUp, ...steps].some(
    (step) => (step.match(/Observation is None/g)?.length ?? 0) >= EMPTY_OBSERVATIONS,
  );
  return dead ? 'no observation could be taken' : undefined;
}

/** Upstream's record of an exception: a last line of the trajectory with the keys Error, Exception and Traceback. */
function crashRecord(trajectory: string): string | undefined {
  return trajectory.split('\n').findLast((line) => /"(?:Error|Exception)":/.test(line));
}

function crashLine(log: string): string | undefined {
  return /Exception in [\w/.-]+: (.*)/.exec(log)?.[1];
}

function stripColours(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}
