import * as z from 'zod';
import type { StateKind } from '../state/store.js';
import { runPricesSchema } from './cost.js';

const taskState = z.enum(['scored', 'agent_error', 'infra_error', 'eval_error', 'timeout', 'cancelled']);

/** What a worker turned out to be when it was ready. */
const workerFactsSchema = z.object({
  worker: z.string(),
  /** ISO time. */
  at: z.string(),
  /** With its digest. */
  image: z.string(),
  imageId: z.string(),
  dockurVersion: z.string(),
  clientRevision: z.string(),
  acceleration: z.string(),
  cpuCores: z.number(),
  memoryMb: z.number(),
  screen: z.object({ width: z.number(), height: z.number() }),
});
export type WorkerFacts = Readonly<z.infer<typeof workerFactsSchema>>;

/** Everything that was chosen, besides the tasks, agent and model: what it takes to run the same again. */
const conditionsSchema = z.object({
  versions: z.object({ waa: z.string(), node: z.string(), platform: z.string() }),
  azure: z.object({ region: z.string(), vmSize: z.string(), spot: z.boolean(), dataDiskGb: z.number() }),
  image: z.object({ reference: z.string(), digest: z.string().optional() }),
  windows: z.record(z.string(), z.union([z.string(), z.number()])),
  agent: z.record(z.string(), z.union([z.string(), z.number()])),
  modelEndpoint: z.string().optional(),
  infraRetries: z.number(),
  maxCostUsd: z.number().optional(),
  /** What was asked for, and the SHA-256 of the names it came to, one a line. */
  selection: z.object({
    sources: z.array(z.string()),
    domains: z.array(z.string()).optional(),
    sample: z.number().optional(),
    seed: z.number().optional(),
    repeat: z.number().optional(),
  }),
  tasksSha256: z.string(),
});
export type RunConditions = Readonly<z.infer<typeof conditionsSchema>>;

/**
 * `run.json`: what the run is. A resumed run must be the same experiment. Only `workers` grows: one entry whenever a worker
 * is ready as something else than before.
 */
const runHeadSchema = z.object({
  runId: z.string(),
  createdAt: z.string(),
  /** Deployment it runs on: that one must not be deleted while results are there. */
  deployment: z.string(),
  /** `domain/id`, in the order asked for. */
  tasks: z.array(z.string()).min(1),
  agent: z.string(),
  /** A directory of the user's in place of run.py's agent; the hash is of its tar. */
  ownAgent: z.object({ name: z.string(), sha256: z.string(), files: z.number(), bytes: z.number() }).optional(),
  provider: z.string(),
  model: z.string(),
  maxSteps: z.number(),
  taskTimeoutS: z.number(),
  /** What happens to Windows before each task. */
  reset: z.enum(['none', 'close-all', 'guest', 'golden']).optional(),
  /** What a worker cost when the run began; absent when no price was known. */
  prices: runPricesSchema.optional(),
  conditions: conditionsSchema.optional(),
  workers: z.array(workerFactsSchema).optional(),
});
export type RunHead = Readonly<z.infer<typeof runHeadSchema>>;

export const runHeadKind: StateKind<RunHead> = {
  what: 'record of the run',
  version: 1,
  schema: runHeadSchema,
  without: 'this run is forgotten; what it brought home stays in its folder',
};

const leaseFields = {
  at: z.number(),
  task: z.string(),
  attempt: z.number().int().positive(),
  worker: z.string(),
};

/** One line of `queue.jsonl`. `until`: epoch ms at which a lease expires. */
export const queueLineSchema = z.discriminatedUnion('type', [
  /** A controller began or resumed the run with these workers, and tries what is spoiled so many times more. */
  z.object({
    type: z.literal('opened'),
    at: z.number(),
    workers: z.array(z.string()),
    infraRetries: z.number().int().nonnegative().optional(),
  }),
  /** That controller left it, its workers with it. Missing where it was killed: then the last line is the last that is known. */
  z.object({ type: z.literal('closed'), at: z.number() }),
  z.object({
    type: z.literal('started'),
    ...leaseFields,
    until: z.number().optional(),
    /** Nothing of the attempt is on the worker before a `renewed` line says so. Older records do not name it. */
    begun: z.literal(false).optional(),
  }),
  z.object({
    type: z.literal('renewed'),
    ...leaseFields,
    until: z.number(),
    /** From here on the attempt may be on the worker. */
    begun: z.literal(true).optional(),
    /** Windows was brought back before the attempt; it took so long. */
    resetMs: z.number().optional(),
  }),
  z.object({
    type: z.literal('returned'),
    ...leaseFields,
    reason: z.string(),
    /** Nothing of the attempt is on the worker: its number is free again. */
    begun: z.literal(false).optional(),
  }),
  z.object({
    type: z.literal('finished'),
    ...leaseFields,
    state: taskState,
    score: z.number().nullable(),
    reason: z.string(),
    /**
     * From the start of the attempt, its reset included, to its end on the worker; to now where that end is not known,
     * without the time in which the run had no controller.
     */
    durationMs: z.number(),
    steps: z.number(),
    /** Part of the duration: Windows was brought back first. */
    resetMs: z.number().optional(),
    /** Its files could not be taken home: they are on the worker still. */
    left: z.literal(true).optional(),
  }),
]);
export type QueueLine = Readonly<z.infer<typeof queueLineSchema>>;
/** One about an attempt. */
export type AttemptLine = Exclude<QueueLine, { type: 'opened' | 'closed' }>;
export type FinishedLine = Extract<QueueLine, { type: 'finished' }>;

/** Where one task stands, by its lines. */
export interface TaskStanding {
  /** Highest attempt number begun; 0 when none. */
  readonly attempts: number;
  /** An attempt that was begun and whose end was not seen: it may be running, or be waiting to be fetched. */
  readonly open: { readonly attempt: number; readonly worker: string } | undefined;
  readonly last: FinishedLine | undefined;
}

/** Where every task of the lines stands. Pure. */
export function standings(lines: readonly QueueLine[]): ReadonlyMap<string, TaskStanding> {
  const byTask = new Map<string, TaskStanding>();
  for (const line of lines) {
    if (!('task' in line)) continue;
    const before = byTask.get(line.task) ?? { attempts: 0, open: undefined, last: undefined };
    byTask.set(line.task, standingAfter(before, line));
  }
  return byTask;
}

/** Whether the attempt of a line may be on its worker from that line on, where it was not before. */
export function begins(line: AttemptLine): boolean {
  return line.type === 'started' ? line.begun !== false : line.type === 'renewed' && line.begun === true;
}

function standingAfter(before: TaskStanding, line: AttemptLine): TaskStanding {
  const attempts = Math.max(before.attempts, line.attempt);
  switch (line.type) {
    case 'started':
    case 'renewed':
      return begins(line) ? { ...before, attempts, open: { attempt: line.attempt, worker: line.worker } } : before;
    case 'returned':
      if (line.begun !== false || before.open?.attempt !== line.attempt) return before;
      return { ...before, attempts: line.attempt - 1, open: undefined };
    case 'finished':
      return { attempts, open: undefined, last: line };
  }
}
