import * as z from 'zod';
import { fail, WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { ArmOperation } from './arm.js';
import type { SdkClients } from './sdk.js';
import type { ArmSession } from './session.js';

/** Azure's per-VM buckets refill 15 operation polls a minute; 5 s stays under that with room for others. */
const POLL_EVERY_MS = 5_000;
/** A VM that seems busy is not believed for longer: lists lag behind, and only the operation tells of its failure. */
const ASK_ANYWAY_MS = 60_000;

/** VM actions that run long. */
export const VM_ACTIONS = ['create', 'start', 'deallocate', 'restart', 'delete'] as const;
export type VmAction = (typeof VM_ACTIONS)[number];

const tokenSchema = z.discriminatedUnion('kind', [
  /** Was over when it began, e.g. the delete of something that was gone. */
  z.object({ v: z.literal(1), kind: z.literal('done'), name: z.string() }),
  z.object({
    v: z.literal(1),
    kind: z.literal('vm'),
    name: z.string(),
    subscriptionId: z.string(),
    group: z.string(),
    vm: z.string(),
    action: z.enum(VM_ACTIONS),
    state: z.string(),
  }),
  z.object({
    v: z.literal(1),
    kind: z.literal('group-delete'),
    name: z.string(),
    subscriptionId: z.string(),
    group: z.string(),
    state: z.string(),
  }),
]);

/** What continues an operation in another process, before it is made a string. */
export type OperationToken = z.infer<typeof tokenSchema>;

/** Whether Azure seems to be changing a VM; a look that many may share. */
export type VmIsBusy = (
  of: { readonly subscriptionId: string; readonly group: string; readonly vm: string },
  deadline: Deadline,
) => Promise<boolean>;

/** A poller of either generation of the SDK, reduced to one look. True when the operation has succeeded. */
type Look = (signal: AbortSignal) => Promise<boolean>;

/** Makes the operation of a token without asking Azure anything yet. */
export function operationOf(session: ArmSession, token: OperationToken, isBusy: VmIsBusy): ArmOperation {
  return {
    name: token.name,
    token: JSON.stringify(token),
    wait: (deadline) => waitForOperation(session, token, isBusy, deadline),
  };
}

/** Reads a token of this or an earlier process. Raises AZURE_OPERATION_LOST when it cannot be read. */
export function parseToken(text: string): OperationToken {
  try {
    return tokenSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw fail('AZURE_OPERATION_LOST', { name: 'saved operation', reason: 'its token cannot be read' }, { cause });
  }
}

async function restore(clients: SdkClients, token: OperationToken): Promise<Look> {
  if (token.kind === 'done') return () => Promise.resolve(true);
  if (token.kind === 'group-delete') {
    return async (abortSignal) => {
      // Restoring polls once by itself, and a poller that saw one error or abort is spent: so one poller a look.
      const poller = await clients.resources.resourceGroups.beginDelete(token.group, {
        resumeFrom: token.state,
        abortSignal,
      });
      return succeeded(poller.getOperationState());
    };
  }
  const { restorePoller } = await import('@azure/arm-compute');
  const { virtualMachines } = clients.compute;
  const sources = {
    create: virtualMachines.createOrUpdate,
    start: virtualMachines.start,
    deallocate: virtualMachines.deallocate,
    restart: virtualMachines.restart,
    delete: virtualMachines.delete,
  };
  return async (abortSignal) => {
    const poller = restorePoller(clients.compute, token.state, sources[token.action] as typeof virtualMachines.start);
    await poller.poll({ abortSignal });
    return succeeded(poller.operationState);
  };
}

function succeeded(state: { readonly status: string; readonly error?: Error } | undefined): boolean {
  if (state?.status === 'failed' || state?.status === 'canceled')
    throw state.error ?? new Error('Operation was canceled');
  return state?.status === 'succeeded';
}

/**
 * Our own polling loop, on our clock: no faster than 5 s, never before Retry-After, through transient failures of a look.
 * The operation on a VM is asked at the beginning and when the VM is no longer busy: many waits share the looks between.
 */
async function waitForOperation(
  session: ArmSession,
  token: OperationToken,
  isBusy: VmIsBusy,
  deadline: Deadline,
): Promise<void> {
  if (token.kind === 'done') return;
  const { clock, emit } = session;
  const look = await restore(await session.clients(token.subscriptionId), token);
  let last = 'not looked yet';
  const stopped = (): boolean => deadline.signal.aborted;
  for (;;) {
    if (stopped()) throw ended();
    let retryAfterMs = 0;
    try {
      const { value: done, recording } = await session.observe(`poll ${token.name}`, deadline, ({ abortSignal }) =>
        look(abortSignal),
      );
      if (done) {
        emit('arm.operation', { name: token.name, state: 'succeeded' }, `${token.name}: done`);
        return;
      }
      last = recording.lastStatus === '' ? 'running' : recording.lastStatus;
      ({ retryAfterMs } = recording);
    } catch (error) {
      if (stopped()) throw ended();
      const failure = lookFailure(error);
      if (failure === undefined) throw failed(error);
      last = failure.message;
      retryAfterMs = Number(failure.params['retryAfterMs'] ?? 0);
    }
    const askedAt = clock.now();
    await pause(retryAfterMs);
    while (clock.now() - askedAt < ASK_ANYWAY_MS && (await seemsBusy())) await pause(0);
  }

  /** To the next full five seconds, so that those who wait for VMs look together. */
  async function pause(atLeastMs: number): Promise<void> {
    try {
      await clock.sleep(Math.max(atLeastMs, POLL_EVERY_MS - (clock.now() % POLL_EVERY_MS)), deadline.signal);
    } catch {
      throw ended();
    }
  }
  /** A look that fails says nothing: then the operation is asked. */
  async function seemsBusy(): Promise<boolean> {
    if (token.kind !== 'vm') return false;
    return isBusy(token, deadline).catch(() => false);
  }
  function failed(error: unknown): unknown {
    const gone = error instanceof WaaError && error.code === 'AZURE_NOT_FOUND';
    const failure = gone
      ? fail(
          'AZURE_OPERATION_LOST',
          { name: token.name, reason: error.message },
          { cause: error, evidence: error.evidence },
        )
      : error;
    const text = failure instanceof Error ? failure.message : String(failure);
    emit('arm.operation', { name: token.name, state: 'failed' }, `${token.name}: ${text}`, { level: 'error' });
    return failure;
  }
  function ended(): unknown {
    if (!deadline.expired) return deadline.signal.reason;
    return fail('AZURE_OPERATION_TIMEOUT', { name: token.name, seconds: Math.round(deadline.totalMs / 1000), last });
  }
}

/** Failures of the look itself, which say nothing about the operation. An allocation that failed is not among them. */
const LOOK_FAILURES = new Set(['AZURE_THROTTLED', 'AZURE_UNREACHABLE', 'AZURE_BAD_ANSWER']);

function lookFailure(error: unknown): WaaError | undefined {
  if (!(error instanceof WaaError)) return undefined;
  if (LOOK_FAILURES.has(error.code)) return error;
  return error.code === 'AZURE_INTERNAL' && String(error.params['azureCode']).startsWith('HTTP') ? error : undefined;
}
