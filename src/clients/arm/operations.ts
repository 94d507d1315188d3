import type { Clock } from '../../clock/clock.js';
import { fail, WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { ArmOperation } from './arm.js';
import { lookOf, type Look } from './operation-look.js';
import type { OperationToken } from './operation-token.js';
import type { ArmSession } from './session.js';

/** Azure's per-VM buckets refill 15 operation polls a minute; 5 s stays under that with room for others. */
const POLL_EVERY_MS = 5_000;
/** A VM that seems busy is not believed for longer: lists lag behind, and only the operation tells of its failure. */
const ASK_ANYWAY_MS = 60_000;

/** Whether Azure seems to be changing a VM; a look that many may share. */
export type VmIsBusy = (
  of: { readonly subscriptionId: string; readonly group: string; readonly vm: string },
  deadline: Deadline,
) => Promise<boolean>;

/** Makes the operation of a token without asking Azure anything yet. */
export function operationOf(session: ArmSession, token: OperationToken, isBusy: VmIsBusy): ArmOperation {
  return {
    name: token.name,
    token: JSON.stringify(token),
    wait: (deadline) => waitForOperation(session, token, isBusy, deadline),
  };
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
  const look = await lookOf(await session.clients(token.subscriptionId), token);
  // A look that fails says nothing: then the operation is asked.
  const seemsBusy = async (): Promise<boolean> => token.kind === 'vm' && isBusy(token, deadline).catch(() => false);
  let last = 'not looked yet';
  try {
    for (;;) {
      deadline.signal.throwIfAborted();
      const seen = await ask(session, token.name, look, deadline);
      if (seen === 'done') break;
      ({ last } = seen);
      await untilNextAsk(session.clock, seen.retryAfterMs, seemsBusy, deadline);
    }
  } catch (error) {
    throw deadline.signal.aborted ? ended(token.name, last, deadline) : error;
  }
  session.emit('arm.operation', { name: token.name, state: 'succeeded' }, `${token.name}: done`);
}

/** What an operation that goes on said of itself. */
interface Running {
  readonly last: string;
  readonly retryAfterMs: number;
}

/** Asks the operation once. A failure of the asking is no failure of the operation, which goes on. Raises the latter's. */
async function ask(session: ArmSession, name: string, look: Look, deadline: Deadline): Promise<'done' | Running> {
  try {
    const { value: done, recording } = await session.observe(`poll ${name}`, deadline, ({ abortSignal }) =>
      look(abortSignal),
    );
    if (done) return 'done';
    const { lastStatus, retryAfterMs } = recording;
    return { last: lastStatus === '' ? 'running' : lastStatus, retryAfterMs };
  } catch (error) {
    if (deadline.signal.aborted) throw error;
    const failure = lookFailure(error);
    if (failure === undefined) throw failed(session, name, error);
    return { last: failure.message, retryAfterMs: Number(failure.params['retryAfterMs'] ?? 0) };
  }
}

/** Sleeps to full five seconds, so that those who wait for VMs look together, and on while the VM seems busy. */
async function untilNextAsk(
  clock: Clock,
  retryAfterMs: number,
  seemsBusy: () => Promise<boolean>,
  { signal }: Deadline,
): Promise<void> {
  const sleep = (atLeastMs: number): Promise<void> =>
    clock.sleep(Math.max(atLeastMs, POLL_EVERY_MS - (clock.now() % POLL_EVERY_MS)), signal);
  const askedAt = clock.now();
  await sleep(retryAfterMs);
  while (clock.now() - askedAt < ASK_ANYWAY_MS && (await seemsBusy())) await sleep(0);
}

/** The failure of the operation itself, told. */
function failed({ emit }: ArmSession, name: string, error: unknown): unknown {
  const gone = error instanceof WaaError && error.code === 'AZURE_NOT_FOUND';
  const failure = gone
    ? fail('AZURE_OPERATION_LOST', { name, reason: error.message }, { cause: error, evidence: error.evidence })
    : error;
  const text = failure instanceof Error ? failure.message : String(failure);
  emit('arm.operation', { name, state: 'failed' }, `${name}: ${text}`, { level: 'error' });
  return failure;
}

/** Why it is not waited for any more: time is up, or whoever stopped it says why. */
function ended(name: string, last: string, deadline: Deadline): unknown {
  if (!deadline.expired) return deadline.signal.reason;
  return fail('AZURE_OPERATION_TIMEOUT', { name, seconds: Math.round(deadline.totalMs / 1000), last });
}

/** Failures of the look itself, which say nothing about the operation. An allocation that failed is not among them. */
const LOOK_FAILURES = new Set(['AZURE_THROTTLED', 'AZURE_UNREACHABLE', 'AZURE_BAD_ANSWER']);

function lookFailure(error: unknown): WaaError | undefined {
  if (!(error instanceof WaaError)) return undefined;
  if (LOOK_FAILURES.has(error.code)) return error;
  return error.code === 'AZURE_INTERNAL' && String(error.params['azureCode']).startsWith('HTTP') ? error : undefined;
}
