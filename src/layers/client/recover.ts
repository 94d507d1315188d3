import type { WaaError } from '../../failures/waa-error.js';
import type { ServerOutput } from '../io.js';
import type { LayerContext, Recovery } from '../layer.js';
import type { ClientLayerDependencies } from './deps.js';

/** A pause that lets a foreign service come back before the next look. */
const PAUSE_MS = 20_000;

/** Makes the results directory again; waits for a service of others; looks again once; everything else needs a person. */
export async function recoverClient(
  dependencies: ClientLayerDependencies,
  ctx: LayerContext,
  input: ServerOutput,
  fault: WaaError,
): Promise<Recovery> {
  if (fault.code === 'CLIENT_RESULTS_NOT_WRITABLE' && ctx.recoveryAttempt === 0) {
    await dependencies.supervisor.prepare(
      await dependencies.link(input, ctx.deadline),
      input.dataDirectory,
      ctx.deadline,
    );
    return { outcome: 'acted', action: 'made the results directory' };
  }
  const foreign = fault.code === 'CLIENT_ASSETS_UNREACHABLE' || fault.disposition === 'transient';
  if (foreign && ctx.recoveryAttempt < 2) {
    await ctx.clock.sleep(PAUSE_MS, ctx.deadline.signal);
    return { outcome: 'acted', action: 'waited for the other side' };
  }
  if (fault.code === 'CLIENT_RUNPY_BROKEN' && ctx.recoveryAttempt === 0)
    return { outcome: 'acted', action: 'looked at run.py again' };
  return { outcome: 'give-up' };
}
