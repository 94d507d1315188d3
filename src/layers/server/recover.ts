import { asWaaError, type WaaError } from '../../failures/waa-error.js';
import type { WindowsOutput } from '../io.js';
import type { LayerContext, Recovery } from '../layer.js';
import { stopDockur } from '../stop-dockur.js';
import type { ServerLayerDependencies } from './deps.js';

/**
 * Ends and starts the scheduled task that runs the server, from a process that outlives the server. `ping` waits
 * without a console, which `timeout` refuses. Task name: upstream WAA 6d39ed8, setup.ps1.
 */
const RESTART_TASK: readonly string[] = [
  'cmd',
  '/c',
  'start "" /min cmd /c "ping -n 3 127.0.0.1 >nul & schtasks /end /tn WindowsArena_OnLogon & schtasks /run /tn WindowsArena_OnLogon"',
];

/**
 * The ladder: restart the server's scheduled task while the server still obeys, reset Windows, restart the container,
 * give up. A server that does not obey starts at the second rung. Faults of other layers are mended there.
 */
export async function recoverServer(
  dependencies: ServerLayerDependencies,
  ctx: LayerContext,
  input: WindowsOutput,
  fault: WaaError,
): Promise<Recovery> {
  if (fault.layer !== 'server') return { outcome: 'nothing-to-do' };
  if (ctx.recoveryAttempt >= 3) return { outcome: 'give-up' };
  if (ctx.recoveryAttempt === 0) {
    const note = await restartTask(dependencies, ctx, input, fault);
    if (note === undefined) return { outcome: 'acted', action: 'restarted the WAA server in Windows' };
    await dependencies.resetGuest(input, ctx.deadline);
    return { outcome: 'acted', action: `reset Windows (${note})`, rungs: 2, restarted: 'windows' };
  }
  if (ctx.recoveryAttempt === 1) {
    await dependencies.resetGuest(input, ctx.deadline);
    return { outcome: 'acted', action: 'reset Windows', restarted: 'windows' };
  }
  const docker = dependencies.docker(input);
  await stopDockur(docker, input.containerId, ctx.deadline);
  await docker.startContainer(input.containerId, ctx.deadline);
  return { outcome: 'acted', action: 'restarted the container', restarted: 'qemu' };
}

/** Undefined when the task was restarted, otherwise why it could not be. */
async function restartTask(
  dependencies: ServerLayerDependencies,
  ctx: LayerContext,
  input: WindowsOutput,
  fault: WaaError,
): Promise<string | undefined> {
  if (fault.code === 'SERVER_NOT_LISTENING' || fault.code === 'SERVER_START_TIMEOUT')
    return 'the server does not answer';
  try {
    using own = ctx.deadline.child(30_000);
    const { returnCode, error } = await dependencies.server(input).execute(RESTART_TASK, own);
    return returnCode === 0 ? undefined : `its task could not be restarted: ${error.trim().slice(0, 100)}`;
  } catch (error) {
    if (ctx.deadline.signal.aborted) throw error;
    return asWaaError(error).message;
  }
}
