import type { SshLink } from '../clients/ssh/ssh.js';
import type { Clock } from '../clock/clock.js';
import type { Config } from '../config/schema.js';
import type { Secret } from '../config/secret.js';
import type { Emit } from '../events/bus.js';
import type { WaaError } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { TaskSupervisor } from '../host/task-supervisor.js';
import type { ClientOutput } from '../layers/io.js';
import type { Retrier } from '../retry/retry.js';
import type { AgentBundle } from './agent-directory.js';
import type { Budget } from './budget.js';
import type { RunPrices } from './cost.js';
import type { RunQueue } from './queue.js';
import type { RunConditions } from './run-record.js';
import type { RunStore } from './run-store.js';
import type { Task } from './task-index.js';

/** One worker as the run needs it. */
export interface RunWorker {
  readonly name: string;
  /** Brings every layer to ready: the walk. Raises what could not be brought up. */
  ensureReady(deadline: Deadline): Promise<ClientOutput>;
  /** Brings Windows back before a task, where that is possible. `ensureReady` then waits for it. */
  reset?(mode: Config['benchmark']['reset'], target: ClientOutput, deadline: Deadline): Promise<void>;
  /** A live SSH link; another one when the last broke. */
  link(deadline: Deadline): Promise<SshLink>;
  /** One look that a task in progress does not notice: the fault of the lowest broken layer. Raises when it cannot look. */
  look?(ready: ClientOutput, deadline: Deadline): Promise<WaaError | undefined>;
}

/** What all workers of a run share. */
export interface RunSettings {
  readonly runId: string;
  /** Deployment the workers belong to. */
  readonly deployment: string;
  /** The run's own folder; an existing one is resumed. */
  readonly runDirectory: string;
  readonly tasks: readonly Task[];
  readonly supervisor: TaskSupervisor;
  readonly apiKey: Secret;
  readonly config: Config;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly retry: Retrier;
  readonly signal: AbortSignal;
  /** Name of the container on every worker. Default `winarena`. */
  readonly container?: string;
  /** Durations of earlier runs by task name, in ms: longest first. */
  readonly expectedMs?: ReadonlyMap<string, number>;
  /** What a worker costs, for the report. */
  readonly prices?: RunPrices | undefined;
  readonly conditions?: RunConditions;
  /** The user's own agent in place of run.py's. */
  readonly agent?: AgentBundle | undefined;
}

/** What one worker of a run has in hands. */
export interface WorkerJob {
  readonly settings: RunSettings;
  readonly worker: RunWorker;
  readonly queue: RunQueue;
  readonly store: RunStore;
  /** Tasks that were done when the run was opened. */
  readonly doneBefore: number;
  readonly budget: Budget;
  /** Names of those at work: neither gone for good nor resting after too many failures. */
  readonly crew: Set<string>;
  /** Aborts when no task is left to begin: nobody needs a worker that is still being repaired, or rests. */
  readonly done: AbortSignal;
}
