import type { Config } from '../../config/schema.js';
import { fail } from '../../failures/waa-error.js';
import type { Clock } from '../../clock/clock.js';
import type { Deadline } from '../../health/deadline.js';
import { CONTAINER_NAME, winarenaPaths } from '../../health/winarena.js';
import type { SshLink } from '../../clients/ssh/ssh.js';
import { restartGuest } from './restart-guest.js';
import { shutDownWindows, type ShutDownDeps, type ShutDownTarget } from './shut-down.js';

export type ResetMode = Config['benchmark']['reset'];

const GB = 1024 ** 3;

/**
 * Brings Windows back between tasks. `close-all` asks the WAA server, as upstream does itself before each task; `guest`
 * presses the reset button (QMP `system_reset`: programs and windows go, files stay); `golden` puts the Windows disk back
 * from its clean copy, which the first call makes. After `guest` and `golden` Windows is on its way up: the walk waits for
 * it. Raises WINDOWS_RESET_IMPOSSIBLE when this worker can never do it, and whatever the clients raise.
 */
export async function resetWindows(
  deps: ShutDownDeps,
  { worker, ...target }: ShutDownTarget & { readonly worker: string },
  mode: ResetMode,
  clock: Clock,
  deadline: Deadline,
): Promise<void> {
  if (mode === 'none') return;
  const link = await deps.links.open(target.address, deadline);
  const paths = winarenaPaths(target.dataDirectory);
  if (mode === 'close-all') {
    const server = deps.server(link);
    await server.closeAll(deadline);
    await server.clearTaskFiles(deadline);
  } else if (mode === 'guest') {
    await restartGuest(deps, link, target.dataDirectory, clock, deadline);
  } else {
    await golden(link);
  }

  async function golden(opened: SshLink): Promise<void> {
    const seen = await deps.host.golden(opened, 'status', paths.storage, deadline);
    const impossible = (reason: string): Error => fail('WINDOWS_RESET_IMPOSSIBLE', { worker, mode, reason });
    if (!seen.exists) {
      if (seen.used)
        throw impossible('tasks have run on its Windows, and there is no clean copy of the disk from before');
      if (seen.freeBytes < seen.neededBytes)
        throw impossible(
          `${gb(seen.neededBytes)} GB are needed for copies of its disk, ${gb(seen.freeBytes)} are free`,
        );
      await shutDownWindows(deps, target, clock, deadline);
      await deps.host.golden(opened, 'capture', paths.storage, deadline);
      return;
    }
    // A disk that no task has used is as the copy is.
    if (!seen.used) return;
    // What is on the disk is thrown away, so nothing is lost by pulling the plug.
    const engine = deps.engine(opened);
    const container = await engine.inspectContainer(CONTAINER_NAME, deadline);
    if (container?.state === 'running') await engine.killContainer(container.id, deadline);
    // One that lay there killed would be taken for a fault of the host by the walk that comes next; without, it makes another.
    if (container) await engine.removeContainer(container.id, deadline);
    await deps.host.golden(opened, 'restore', paths.storage, deadline);
  }
}

function gb(bytes: number): number {
  return Math.ceil(bytes / GB);
}
