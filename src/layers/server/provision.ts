import { asWaaError, fail, type WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { BLIND_MS, waitFor, type Observation } from '../../health/wait-for.js';
import { retryPolicies } from '../../retry/policies.js';
import type { WindowsOutput } from '../io.js';
import type { LayerContext } from '../layer.js';
import { identityOfStart } from '../windows-start.js';
import { ladderTarget } from './check.js';
import type { ServerLayerDependencies } from './deps.js';
import { climb, FIRST_RUNG } from './ladder.js';

/** One whole climb of the ladder. */
const ATTEMPT_MS = 180_000;
/** Over how long it is measured how fast Windows writes; with the limit of a stall still within five minutes. */
const MARK_EVERY_MS = 30_000;
/** A silent stall is named within five minutes (requirement M7). */
const STALL_MS = 240_000;
/**
 * Nothing starts a server again that has ended: one that was ready in this start of Windows is given only what a moment
 * without network between container and guest may take.
 */
const GONE_MS = 20_000;
/** A server that answers and is still broken after this long does not heal by waiting; it starts within 15 s. */
const SICK_MS = 45_000;
/** Windows at rest writes some megabytes a minute; an installer writes hundreds: progress is this much in a measurement. */
const PROGRESS_BYTES = 8 * 1024 * 1024;

/**
 * Waits until the ladder holds. The server starts by itself at logon, and at the end of a first installation only after
 * all applications were installed: as long as Windows writes to its disk, that counts as progress.
 */
export async function provisionServer(
  dependencies: ServerLayerDependencies,
  ctx: LayerContext,
  input: WindowsOutput,
): Promise<void> {
  const target = ladderTarget(dependencies, input);
  // After a recovery Windows, or at least the server, is on its way up.
  const gone = ctx.recoveryAttempt === 0 && ctx.memory.readyAs?.() === identityOfStart(input);
  const stallMs = gone ? GONE_MS : STALL_MS;
  const progressMark = createProgressMark(dependencies, ctx.clock, input);
  let sickSince: number | undefined;
  let lastFault: WaaError | undefined;

  const probe = async (deadline: Deadline): Promise<Observation<true>> => {
    try {
      await climb(target, deadline, (rung) => {
        // Of the first one there is no news until it holds.
        if (rung !== FIRST_RUNG) ctx.report({ phase: rung });
      });
      return { ok: true, value: true };
    } catch (error) {
      if (deadline.signal.aborted) throw error;
      const fault = asWaaError(error);
      if (fault.layer !== 'server') throw fault;
      lastFault = fault;
      if (fault.isHopeless) return { ok: false, saw: fault.message, fatal: fault };
      const answers = fault.code !== 'SERVER_NOT_LISTENING' && fault.disposition === 'recoverable';
      sickSince = answers ? (sickSince ?? ctx.clock.now()) : undefined;
      const sick = sickSince !== undefined && ctx.clock.now() - sickSince >= SICK_MS;
      return {
        ok: false,
        saw: fault.message,
        progress: await progressMark(deadline),
        ...(sick ? { fatal: fault } : {}),
      };
    }
  };

  await waitFor(probe, {
    what: 'the WAA server',
    clock: ctx.clock,
    deadline: ctx.deadline,
    everyMs: retryPolicies.serverProbe.baseMs,
    attemptTimeoutMs: ATTEMPT_MS,
    stallMs,
    blindMs: BLIND_MS,
    onObserve: (saw) => {
      ctx.report({ phase: `waiting for the WAA server: ${saw}` });
    },
    onTimeout: (last) => fail('SERVER_START_TIMEOUT', { seconds: Math.round(ctx.deadline.totalMs / 1000), last }),
    onStall: (last) => lastFault ?? fail('SERVER_START_TIMEOUT', { seconds: stallMs / 1000, last }),
  });
}

/** Gives another mark whenever Windows has written much since the last measurement: then it is still installing. */
function createProgressMark(
  dependencies: Pick<ServerLayerDependencies, 'writtenBytes'>,
  clock: LayerContext['clock'],
  input: WindowsOutput,
): (deadline: Deadline) => Promise<string> {
  let measured = { written: 0, busy: 0, at: Number.NEGATIVE_INFINITY };
  return async (deadline) => {
    if (clock.now() - measured.at >= MARK_EVERY_MS) {
      // A QEMU that cannot be asked is no Windows in which a server could come up.
      const written = await dependencies.writtenBytes(input, deadline);
      const busy = written - measured.written >= PROGRESS_BYTES ? measured.busy + 1 : measured.busy;
      measured = { written, busy, at: clock.now() };
    }
    return `busy:${measured.busy}`;
  };
}
