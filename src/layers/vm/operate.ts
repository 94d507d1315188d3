import type { ArmClient, ArmOperation } from '../../clients/arm/arm.js';
import type { FailureCode } from '../../failures/catalogue/index.js';
import { asWaaError, type WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { LayerContext } from '../layer.js';

/** Under this name the create operation is remembered. */
export const CREATE_TOKEN = 'vm-create';

/** These say nothing about the operation, only about our asking: it goes on, and so do we. */
const ASK_AGAIN: ReadonlySet<FailureCode> = new Set([
  'AZURE_THROTTLED',
  'AZURE_UNREACHABLE',
  'AZURE_BAD_ANSWER',
  'AZURE_INTERNAL',
]);
/** After these the operation is still running somewhere; its token is kept. */
const STILL_RUNNING: ReadonlySet<FailureCode> = new Set([...ASK_AGAIN, 'AZURE_OPERATION_TIMEOUT']);
const ASK_AGAIN_TIMES = 5;
const ASK_AGAIN_MS = 10_000;

/** How a step of several minutes is run so that a killed process continues it instead of doing it twice. */
export interface OperationStep {
  /** Name the token is remembered under. */
  readonly name: string;
  readonly begin: (deadline: Deadline) => Promise<ArmOperation>;
  /** Runs once Azure has taken the operation, while it goes on; what it raises ends the step. */
  readonly onAccepted?: () => Promise<void>;
  /** Failures worth another `begin`; by default the transient ones. */
  readonly isRetryable?: (error: WaaError) => boolean;
}

/**
 * Runs a long ARM operation to its end: continues the one remembered under `step.name`, else begins it; the token is saved
 * before waiting and forgotten when the operation has ended either way. Raises the operation's failure.
 */
export async function operate(arm: ArmClient, ctx: LayerContext, step: OperationStep): Promise<'resumed' | 'begun'> {
  const resumed = await resume(arm, ctx, step.name);
  const operation = resumed ?? (await begin(ctx, step));
  await ctx.memory.saveResumeToken(step.name, operation.token);
  const how = resumed ? 'resumed' : 'started';
  ctx.emit('arm.operation', { name: operation.name, state: how }, `${operation.name}: ${how}`);
  try {
    await step.onAccepted?.();
    await waitThrough(arm, ctx, operation);
  } catch (error) {
    if (!ctx.deadline.signal.aborted && !STILL_RUNNING.has(asWaaError(error).code)) {
      await ctx.memory.saveResumeToken(step.name, undefined);
      ctx.emit('arm.operation', { name: operation.name, state: 'failed' }, `${operation.name}: failed`, {
        level: 'warn',
      });
    }
    throw error;
  }
  await ctx.memory.saveResumeToken(step.name, undefined);
  ctx.emit('arm.operation', { name: operation.name, state: 'succeeded' }, `${operation.name}: succeeded`);
  return resumed ? 'resumed' : 'begun';
}

function begin(ctx: LayerContext, { begin: start, isRetryable }: OperationStep): Promise<ArmOperation> {
  return ctx.retry('arm', start, { deadline: ctx.deadline, ...(isRetryable === undefined ? {} : { isRetryable }) });
}

/** The remembered operation, or undefined when there is none or Azure has forgotten it. */
async function resume(arm: ArmClient, ctx: LayerContext, name: string): Promise<ArmOperation | undefined> {
  const token = ctx.memory.resumeToken(name);
  if (token === undefined) return undefined;
  try {
    return await ctx.retry('arm', (own) => arm.resumeOperation(token, own), { deadline: ctx.deadline });
  } catch (error) {
    if (asWaaError(error).code !== 'AZURE_OPERATION_LOST') throw error;
    await ctx.memory.saveResumeToken(name, undefined);
    return undefined;
  }
}

async function waitThrough(arm: ArmClient, ctx: LayerContext, operation: ArmOperation): Promise<void> {
  let current = operation;
  for (let asked = 1; ; asked += 1) {
    try {
      await current.wait(ctx.deadline);
      return;
    } catch (error) {
      if (ctx.deadline.signal.aborted || asked >= ASK_AGAIN_TIMES || !ASK_AGAIN.has(asWaaError(error).code))
        throw error;
      await ctx.clock.sleep(ASK_AGAIN_MS, ctx.deadline.signal);
      current = await arm.resumeOperation(current.token, ctx.deadline);
    }
  }
}
