import type { ArmClient, ArmOperation } from '../clients/arm/arm.js';
import { WaaError } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { LayerMemory } from '../layers/layer.js';
import type { Retrier } from '../retry/retry.js';

/** Where tokens of operations under way are kept; of the same shape as a layer's memory. */
export type OperationMemory = LayerMemory;

export interface OperationPorts {
  readonly arm: Pick<ArmClient, 'resumeOperation'>;
  readonly memory: OperationMemory;
  readonly retry: Retrier;
}

/**
 * Runs a long ARM operation to its end, once. One that another process began under the same `key` is continued; if Azure
 * has forgotten it, it is begun again, so `begin` must be idempotent. The token is durable before the wait begins. When
 * the wait is interrupted or runs out of time the token stays, for the next process.
 */
export async function runOperation(
  ports: OperationPorts,
  key: string,
  begin: (deadline: Deadline) => Promise<ArmOperation>,
  deadline: Deadline,
): Promise<void> {
  const saved = ports.memory.resumeToken(key);
  if (saved !== undefined && (await continued(ports, key, saved, deadline))) return;
  const operation = await ports.retry('arm', begin, { deadline });
  await ports.memory.saveResumeToken(key, operation.token);
  await finish(ports, key, operation, deadline);
}

/** True when the saved operation ended well; false when it was lost or superseded and has to be begun again. */
async function continued(ports: OperationPorts, key: string, token: string, deadline: Deadline): Promise<boolean> {
  try {
    await finish(ports, key, await ports.arm.resumeOperation(token, deadline), deadline);
    return true;
  } catch (error) {
    if (!(error instanceof WaaError) || !BEGIN_AGAIN.has(error.code)) throw error;
    await ports.memory.saveResumeToken(key, undefined);
    return false;
  }
}

const BEGIN_AGAIN = new Set(['AZURE_OPERATION_LOST', 'AZURE_OPERATION_CANCELED']);
/** After these the operation goes on in Azure. */
const STILL_RUNNING = new Set(['AZURE_OPERATION_TIMEOUT', 'AZURE_UNREACHABLE']);

async function finish(ports: OperationPorts, key: string, operation: ArmOperation, deadline: Deadline): Promise<void> {
  try {
    await operation.wait(deadline);
  } catch (error) {
    const over = error instanceof WaaError && !deadline.signal.aborted && !STILL_RUNNING.has(error.code);
    if (over) await ports.memory.saveResumeToken(key, undefined);
    throw error;
  }
  await ports.memory.saveResumeToken(key, undefined);
}
