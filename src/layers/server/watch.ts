import { asWaaError, type WaaError } from '../../failures/waa-error.js';
import type { WindowsOutput } from '../io.js';
import type { LayerContext } from '../layer.js';
import type { ServerLayerDependencies } from './deps.js';

/**
 * One request that touches nothing on the desktop: `/screen_size` reads two numbers, and fails where `/probe` still says
 * 200. A late answer is no fault: a walk of the accessibility tree keeps the server busy for minutes, and the task has a
 * time limit of its own.
 */
export async function watchServer(
  { server }: ServerLayerDependencies,
  ctx: LayerContext,
  input: WindowsOutput,
): Promise<WaaError | undefined> {
  try {
    await server(input).screenSize(ctx.deadline);
    return undefined;
  } catch (error) {
    const fault = asWaaError(error);
    if (fault.layer !== 'server' || fault.code === 'SERVER_TIMEOUT' || ctx.deadline.signal.aborted) throw fault;
    return fault;
  }
}
