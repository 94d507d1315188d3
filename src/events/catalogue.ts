import * as z from 'zod';

/** Severity of an event, as in the log. */
export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

const layer = z.enum(['azure', 'vm', 'docker', 'qemu', 'windows', 'server', 'client']);
export const layerState = z.enum([
  'pending',
  'checking',
  'provisioning',
  'verifying',
  'recovering',
  'ready',
  'failed',
  'blocked',
]);
export type LayerState = z.infer<typeof layerState>;

/** A failure as it stands in events, in `--json` and in the journal. */
export const failureReport = z.object({
  code: z.string(),
  layer: z.string(),
  kind: z.string(),
  disposition: z.string(),
  exitCode: z.number(),
  symptom: z.string(),
  why: z.string(),
  fix: z.array(z.string()),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  evidence: z.array(z.object({ title: z.string(), text: z.string().optional(), path: z.string().optional() })),
  original: z.string().optional(),
  docs: z.string(),
});

const taskState = z.enum(['scored', 'agent_error', 'infra_error', 'eval_error', 'timeout', 'cancelled']);
export type TaskState = z.infer<typeof taskState>;

/** Every event there is: its type and the shape of its data. Docs and the JSON schema are generated from here. */
export const eventData = {
  'operation.started': z.object({ operation: z.string(), deployment: z.string().optional(), totalSteps: z.number() }),
  'operation.finished': z.object({ operation: z.string(), ok: z.boolean(), durationMs: z.number() }),
  'layer.state': z.object({ layer, state: layerState, detail: z.string().optional() }),
  'layer.progress': z.object({
    layer,
    phase: z.string(),
    percent: z.number().optional(),
    etaMs: z.number().optional(),
  }),
  'layer.fault': z.object({ layer, fault: failureReport }),
  'layer.recovered': z.object({ layer, action: z.string(), durationMs: z.number() }),
  'milestone.reached': z.object({ milestone: z.string() }),
  'retry.waiting': z.object({ policy: z.string(), attempt: z.number(), waitMs: z.number(), reason: z.string() }),
  'breaker.changed': z.object({ name: z.string(), state: z.enum(['closed', 'open', 'half-open']) }),
  'arm.request': z.object({
    method: z.string(),
    path: z.string(),
    status: z.number(),
    durationMs: z.number(),
    requestId: z.string().optional(),
  }),
  'arm.operation': z.object({ name: z.string(), state: z.enum(['started', 'resumed', 'succeeded', 'failed']) }),
  'check.finished': z.object({ id: z.string(), outcome: z.string(), detail: z.string() }),
  'task.started': z.object({
    task: z.string(),
    domain: z.string(),
    attempt: z.number(),
    index: z.number(),
    total: z.number(),
    /** Of them, so many were done before this invocation began. */
    doneBefore: z.number().optional(),
  }),
  /** Windows of a worker was brought back before a task; how, and how long it took. */
  'task.reset': z.object({ task: z.string(), mode: z.string(), durationMs: z.number() }),
  'task.progress': z.object({ task: z.string(), step: z.number(), maxSteps: z.number() }),
  'task.finished': z.object({
    task: z.string(),
    domain: z.string(),
    attempt: z.number(),
    state: taskState,
    score: z.number().nullable(),
    durationMs: z.number(),
    /** Of it on the worker itself, without a reset and repairs; missing where nobody saw its end. */
    ranMs: z.number().optional(),
    reason: z.string().optional(),
  }),
  'results.home': z.object({ task: z.string(), attempt: z.number(), files: z.number(), bytes: z.number() }),
  'resource.deleted': z.object({ kind: z.string(), name: z.string() }),
  'cost.updated': z.object({ usd: z.number(), hourlyUsd: z.number() }),
  log: z.object({ component: z.string() }).catchall(z.unknown()),
} as const;

export type EventType = keyof typeof eventData;
export type EventData<T extends EventType> = z.infer<(typeof eventData)[T]>;

interface Envelope<T extends EventType> {
  /** Version of the event format. */
  readonly v: 1;
  /** Rises by one with every event of a process; with `run` it is unique. */
  readonly seq: number;
  /** Epoch milliseconds of the clock in use. */
  readonly at: number;
  /** The invocation that emitted it. */
  readonly run: string;
  readonly worker?: string;
  readonly type: T;
  readonly level: Level;
  /** One line for a person. */
  readonly text: string;
  readonly data: EventData<T>;
}

/** Any event. */
export type WaaEvent = { [T in EventType]: Envelope<T> }[EventType];
export type EventOf<T extends EventType> = Envelope<T>;

/** The envelope as a schema, for reading a journal back. */
export const eventEnvelope = z.object({
  v: z.literal(1),
  seq: z.number().int(),
  at: z.number(),
  run: z.string(),
  worker: z.string().optional(),
  type: z.enum(Object.keys(eventData) as [EventType, ...EventType[]]),
  level: z.enum(LEVELS),
  text: z.string(),
  data: z.unknown(),
});
