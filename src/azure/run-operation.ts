import type { ArmClient, ArmOperation } from '../clients/arm/arm.js';
import type { FailureCode } from '../failures/catalogue/index.js';
import { WaaError } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { Retrier } from '../retry/retry.js';

/** What is remembered of operations between invocations. A hint, never proof. */
export interface OperationMemory {
  /** An operation that was running when we last looked, e.g. a serialised ARM poller, by name. */
  resumeToken(name: string): string | undefined;
  /** Saves a token before the operation is awaited; `undefined` forgets it. Durable when the promise resolves. */
  saveResumeToken(name: string, token: string | undefined): Promise<void>;
}

export interface OperationPorts {
  readonly arm: Pick<ArmClient, 'resumeOperation'>;
  /** Where tokens of operations under way are kept. */
  readonly memory: OperationMemory;
  readonly retry: Retrier;
}

/** A step of several minutes that a killed process continues instead of doing it twice. */
export interface OperationStep {
  /** The operation is remembered under this name. */
  readonly name: string;
  /** Must be idempotent: what Azure has forgotten is begun again. */
  readonly begin: (deadline: Deadline) => Promise<ArmOperation>;
  /** Runs once Azure has taken the operation, while it goes on; what it raises ends the step. */
  readonly onAccepted?: () => Promise<void>;
  /**
   * Whether what stands in Azure shows that a remembered operation may still go on; asked only when there is one. A token
   * that outlived its operation is forgotten: continued, it would pass an old end off as a new one. By default it is
   * believed.
   */
  readonly isUnderWay?: (deadline: Deadline) => Promise<boolean>;
  /** Failures worth another `begin`; by default the transient ones. */
  readonly isRetryable?: (error: WaaError) => boolean;
}

/**
 * Runs a long ARM operation to its end, once. One that another process began under the same name is continued; if Azure
 * has forgotten it or it was cancelled, it is begun again. The token is durable before the wait begins. When the wait is
 * interrupted or runs out of time the token stays, for the next process. Raises the operation's failure.
 */
export async function runOperation(ports: OperationPorts, step: OperationStep, deadline: Deadline): Promise<void> {
  const saved = await rememberedToken(ports, step, deadline);
  if (saved !== undefined && (await continued(ports, step, saved, deadline))) return;
  const { isRetryable } = step;
  const operation = await ports.retry('arm', step.begin, {
    deadline,
    ...(isRetryable === undefined ? {} : { isRetryable }),
  });
  await ports.memory.saveResumeToken(step.name, operation.token);
  await finish(ports, step, operation, deadline);
}

/** The token of an operation that an earlier process began and that may still go on; one that outlived it is forgotten. */
export async function rememberedToken(
  { memory, retry }: Pick<OperationPorts, 'memory' | 'retry'>,
  { name, isUnderWay }: Pick<OperationStep, 'name' | 'isUnderWay'>,
  deadline: Deadline,
): Promise<string | undefined> {
  const saved = memory.resumeToken(name);
  if (saved === undefined || isUnderWay === undefined || (await retry('arm', isUnderWay, { deadline }))) return saved;
  await memory.saveResumeToken(name, undefined);
  return undefined;
}

/** True when the saved operation ended well; false when it was lost or superseded and has to be begun again. */
async function continued(
  ports: OperationPorts,
  step: OperationStep,
  token: string,
  deadline: Deadline,
): Promise<boolean> {
  try {
    const operation = await ports.retry('arm', (own) => ports.arm.resumeOperation(token, own), { deadline });
    await finish(ports, step, operation, deadline);
    return true;
  } catch (error) {
    if (!(error instanceof WaaError) || !BEGIN_AGAIN.has(error.code)) throw error;
    await ports.memory.saveResumeToken(step.name, undefined);
    return false;
  }
}

const BEGIN_AGAIN: ReadonlySet<FailureCode> = new Set(['AZURE_OPERATION_LOST', 'AZURE_OPERATION_CANCELED']);
/** These say nothing about the operation, only about our asking: it goes on in Azure. */
const STILL_RUNNING: ReadonlySet<FailureCode> = new Set([
  'AZURE_OPERATION_TIMEOUT',
  'AZURE_UNREACHABLE',
  'AZURE_THROTTLED',
  'AZURE_BAD_ANSWER',
]);

async function finish(
  ports: OperationPorts,
  { name, onAccepted }: OperationStep,
  operation: ArmOperation,
  deadline: Deadline,
): Promise<void> {
  try {
    await onAccepted?.();
    await operation.wait(deadline);
  } catch (error) {
    const isOver = error instanceof WaaError && !deadline.signal.aborted && !STILL_RUNNING.has(error.code);
    if (isOver) await ports.memory.saveResumeToken(name, undefined);
    throw error;
  }
  await ports.memory.saveResumeToken(name, undefined);
}
