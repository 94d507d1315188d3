import { asWaaError } from '../../failures/waa-error.js';
import type { ServerOutput, WindowsOutput } from '../io.js';
import type { LayerContext, LayerStatus } from '../layer.js';
import { identityOfStart } from '../windows-start.js';
import type { ServerLayerDependencies } from './deps.js';
import { climb, type LadderTarget } from './ladder.js';

/**
 * One climb of the ladder as a status. Nothing listening is absent: it may still come up. What was restarted a moment ago
 * and does not answer well yet is in progress: whether it ever will is judged by the set-up, which waits, and not by the
 * next rung of the recovery, which would restart it again.
 */
export async function checkServer(
  dependencies: ServerLayerDependencies,
  ctx: LayerContext,
  input: WindowsOutput,
): Promise<LayerStatus<ServerOutput>> {
  try {
    await ctx.retry(
      'taskApi',
      async () => {
        await climb(ladderTarget(dependencies, input), ctx.deadline, (phase) => {
          ctx.report({ phase });
        });
      },
      { deadline: ctx.deadline, isRetryable: (error) => error.code === 'SERVER_CONNECTION_LOST' },
    );
  } catch (error) {
    if (ctx.deadline.signal.aborted) throw error;
    const fault = asWaaError(error);
    if (fault.code === 'SERVER_NOT_LISTENING') return { state: 'absent', detail: fault.message };
    if (fault.layer !== 'server') return { state: 'unknown', fault };
    return ctx.recoveryAttempt > 0 && !fault.isHopeless
      ? { state: 'in-progress', progress: { phase: fault.message } }
      : { state: 'unhealthy', fault };
  }
  const apps = Object.keys(dependencies.needs.apps);
  const detail =
    apps.length === 0 ? 'answers, sees the desktop' : `answers, sees the desktop; ${apps.join(', ')} present`;
  // The server has no identity of its own: it begins at the logon of one start of Windows, and does not outlive it.
  return { state: 'ready', output: { ...input, apps }, identity: identityOfStart(input), detail };
}

/** What the ladder is climbed against. */
export function ladderTarget(dependencies: ServerLayerDependencies, input: WindowsOutput): LadderTarget {
  return {
    server: dependencies.server(input),
    docker: dependencies.docker(input),
    containerId: input.containerId,
    isBlack: (png) => dependencies.isBlack(png),
    needs: dependencies.needs,
  };
}
