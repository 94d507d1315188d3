import { z } from 'zod';
import type { StateKind } from '../state/store.js';
import { runPricesSchema } from './cost.js';

const taskState = z.enum(['scored', 'agent_error', 'infra_error', 'eval_error', 'timeout', 'cancelled']);

/** `run.json`: what the run is. Written once; a resumed run must be the same experiment. */
const runHeadSchema = z.object({
  runId: z.string(),
  createdAt: z.string(),
  /** Deployment it runs on: that one must not be deleted while results are there. */
  deployment: z.string(),
  /** `domain/id`, in the order asked for. */
  tasks: z.array(z.string()).min(1),
  agent: z.string(),
  provider: z.string(),
  model: z.string(),
  maxSteps: z.number(),
  taskTimeoutS: z.number(),
  /** What a worker cost when the run began; absent when no price was known. */
  prices: runPricesSchema.optional(),
});
export type RunHead = Readonly<z.infer<typeof runHeadSchema>>;

export const runHeadKind: StateKind<RunHead> = { what: 'record of the run', version: 1, schema: runHeadSchema };

/** One line of `queue.jsonl`. */
export const queueLineSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('started'),
    at: z.number(),
    task: z.string(),
    attempt: z.number().int().positive(),
    worker: z.string(),
  }),
  z.object({
    type: z.literal('finished'),
    at: z.number(),
    task: z.string(),
    attempt: z.number().int().positive(),
    worker: z.string(),
    state: taskState,
    score: z.number().nullable(),
    reason: z.string(),
    durationMs: z.number(),
    steps: z.number(),
  }),
]);
export type QueueLine = Readonly<z.infer<typeof queueLineSchema>>;
export type FinishedLine = Extract<QueueLine, { type: 'finished' }>;

/** Where one task stands, by its lines. */
export interface TaskStanding {
  /** Highest attempt number begun; 0 when none. */
  readonly attempts: number;
  /** An attempt that was begun and whose end was not seen: it may be running, or be waiting to be fetched. */
  readonly open: number | undefined;
  readonly last: FinishedLine | undefined;
}

/** Where every task of the lines stands. Pure. */
export function standings(lines: readonly QueueLine[]): ReadonlyMap<string, TaskStanding> {
  const byTask = new Map<string, TaskStanding>();
  for (const line of lines) {
    const before = byTask.get(line.task) ?? { attempts: 0, open: undefined, last: undefined };
    const attempts = Math.max(before.attempts, line.attempt);
    byTask.set(
      line.task,
      line.type === 'started' ? { ...before, attempts, open: line.attempt } : { attempts, open: undefined, last: line },
    );
  }
  return byTask;
}

/** True when a task needs no further attempt: everything but what the infrastructure or a person spoiled. */
export function isSettled(standing: TaskStanding | undefined): boolean {
  if (!standing?.last || standing.open !== undefined) return false;
  return standing.last.state !== 'infra_error' && standing.last.state !== 'cancelled';
}
