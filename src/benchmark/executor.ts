import type { SshLink } from '../clients/ssh/ssh.js';
import type { Clock } from '../clock/clock.js';
import { asWaaError, fail, type WaaError } from '../failures/waa-error.js';
import { Deadline } from '../health/deadline.js';
import type { TaskStart, TaskStatus, TaskSupervisor } from '../host/task-supervisor.js';
import type { AttemptOutcome } from './scoring.js';

export interface ExecutorDependencies {
  readonly supervisor: TaskSupervisor;
  readonly clock: Clock;
  readonly worker: string;
  /** A live link to the worker; another one after the last broke. */
  link(deadline: Deadline): Promise<SshLink>;
  readonly signal: AbortSignal;
  /** The worker answered: it is alive. */
  onAnswer(): void;
  onStep(step: number): void;
  /** Why the attempt must not go on: something below it broke, or its task is another worker's by now. */
  interruption(): WaaError | 'not-ours' | undefined;
}

/** How an attempt ended on the worker. */
export interface AttemptEnd {
  readonly outcome: AttemptOutcome;
  readonly exitCode: number | undefined;
  /** Why, when the outcome is not run.py's own doing. */
  readonly fault?: WaaError;
  /** From its start to its end by the worker's clock, in ms; undefined when nobody saw its end. */
  readonly ranMs?: number;
}

const POLL_MS = 5_000;
/** Most of the time between two polls is waited on the worker, which answers at once when the attempt ends. */
const WAIT_S = 4;
/** Budget of one question to the worker. */
const ASK_MS = 30_000;
/** A start waits for who may follow another task there, and ends what was left: WATCHED_S and LEFT_BEHIND_S of task.sh. */
const START_MS = 2 * 60_000;
/** The supervisor beats every 2 s. Together with the polls a dead one is ended within two minutes (requirement M11). */
const ZOMBIE_S = 60;
/**
 * A worker that cannot be asked for this long is handed to the walk; its task may be running on. A machine that restarts
 * is back after about a minute: later would be time in which nobody starts its container.
 */
const UNREACHABLE_MS = 45_000;
/** The worker's own limit comes first; this is for a supervisor that lost count. */
const LIMIT_GRACE_MS = 90_000;
/** SIGTERM, 15 s, SIGKILL, copying results. */
const STOP_MS = 90_000;
/** A supervisor without a heartbeat hardly obeys any more; one try, so that two minutes stay enough. */
const STOP_ZOMBIE_MS = 30_000;

/**
 * Starts an attempt on the worker, or attaches to it when it is there already, and follows it to its end. Polls, so that
 * a broken connection costs nothing but the next poll. Raises CLIENT_WORKER_UNREACHABLE (call again with the same
 * attempt to attach), permanent failures of the link, and the reason of an abort; the task then runs on at the worker.
 */
export async function executeAttempt(dependencies: ExecutorDependencies, start: TaskStart): Promise<AttemptEnd> {
  const { clock, signal, supervisor } = dependencies;
  const limitMs = start.limitS * 1000 + LIMIT_GRACE_MS;
  let answeredAt = clock.now();
  let runningSince: number | undefined;
  let step = 0;

  for (;;) {
    const askedAt = clock.now();
    const seen =
      runningSince === undefined
        ? await ask((link, deadline) => supervisor.start(link, start, deadline), START_MS)
        : await ask((link, deadline) => supervisor.status(link, start, deadline, WAIT_S));
    if ('fault' in seen) {
      if (seen.fault.code === 'CLIENT_TASK_START_FAILED' && runningSince === undefined)
        return { outcome: 'start-failed', exitCode: undefined, fault: seen.fault };
      if (seen.fault.isHopeless) throw seen.fault;
      if (clock.now() - answeredAt >= UNREACHABLE_MS + clock.slackMs) throw unreachable(seen.fault.message);
    } else {
      answeredAt = clock.now();
      dependencies.onAnswer();
      runningSince ??= clock.now();
      if (seen.status.step > step) {
        step = seen.status.step;
        dependencies.onStep(step);
      }
      const end = await judge(seen.status, clock.now() - runningSince);
      if (end) return end;
    }
    await clock.sleep(Math.max(0, askedAt + POLL_MS - clock.now()), signal);
  }

  /** Undefined while the attempt runs well. */
  async function judge(status: TaskStatus, ranMs: number): Promise<AttemptEnd | undefined> {
    const { attempt } = start;
    if (status.state === 'ended') return { ...endOf(status, attempt), ...spanOf(status) };
    const interruption = dependencies.interruption();
    if (interruption !== undefined) {
      await stop();
      return interruption === 'not-ours'
        ? { outcome: 'stopped', exitCode: undefined }
        : { outcome: 'lost', exitCode: undefined, fault: interruption };
    }
    if (status.state === 'absent' || status.state === 'lost') {
      await stop();
      return {
        outcome: 'lost',
        exitCode: undefined,
        fault: fail('CLIENT_TASK_LOST', { attempt, last: status.lastLine || 'nothing' }),
      };
    }
    const silentS = status.heartbeatAgeS ?? 0;
    if (silentS >= ZOMBIE_S) {
      await stop(STOP_ZOMBIE_MS);
      return { outcome: 'lost', exitCode: undefined, fault: fail('CLIENT_TASK_ZOMBIE', { attempt, seconds: silentS }) };
    }
    if (ranMs < limitMs + clock.slackMs) return undefined;
    await stop();
    return { outcome: 'timeout', exitCode: undefined };
  }

  /** Asks the worker to end the task and waits a little for it. What is still not over then stays recorded as seen. */
  async function stop(limitMs = STOP_MS): Promise<void> {
    using deadline = Deadline.after(limitMs, clock, signal);
    let seen = await ask((link, own) => supervisor.stop(link, start, own));
    while (!deadline.signal.aborted && !('status' in seen && seen.status.state !== 'running')) {
      await clock.sleep(POLL_MS, signal);
      seen = await ask((link, own) => supervisor.status(link, start, own));
    }
  }

  async function ask(
    question: (link: SshLink, deadline: Deadline) => Promise<TaskStatus>,
    limitMs = ASK_MS,
  ): Promise<{ readonly status: TaskStatus } | { readonly fault: WaaError }> {
    using deadline = Deadline.after(limitMs, clock, signal);
    try {
      return { status: await deadline.race(dependencies.link(deadline).then((link) => question(link, deadline))) };
    } catch (error) {
      if (signal.aborted) throw error;
      return { fault: deadline.expired ? unreachable(`no answer within ${limitMs / 1000} s`) : asWaaError(error) };
    }
  }

  function unreachable(last: string): WaaError {
    const seconds = Math.round((clock.now() - answeredAt) / 1000);
    return fail('CLIENT_WORKER_UNREACHABLE', { worker: dependencies.worker, attempt: start.attempt, seconds, last });
  }
}

/** How an attempt ended, as its worker recorded it. */
function endOf({ outcome, exitCode }: TaskStatus, attempt: TaskStart['attempt']): AttemptEnd {
  switch (outcome) {
    // Only waa stops a task: the start of another run's, or a controller that knew why and died before it wrote it down.
    case 'stopped':
      return {
        outcome: 'lost',
        exitCode: undefined,
        fault: fail('CLIENT_TASK_INFRA', { attempt, trace: 'it was stopped before its end' }),
      };
    case 'container-died':
      return { outcome, exitCode: undefined, fault: fail('CLIENT_TASK_CONTAINER_DIED', { attempt }) };
    default:
      return { outcome: outcome ?? 'lost', exitCode: exitCode ?? undefined };
  }
}

/** What was recorded as lost ended at a time of its own, not when that was noticed. */
function spanOf({ outcome, startedS, endedS }: TaskStatus): Pick<AttemptEnd, 'ranMs'> {
  if (outcome === 'lost' || startedS === null || endedS === null) return {};
  return { ranMs: Math.max(0, endedS - startedS) * 1000 };
}
