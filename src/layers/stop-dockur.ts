import type { DockerEngine } from '../clients/docker-engine/docker-engine.js';
import type { Deadline } from '../health/deadline.js';

/** dockur needs up to 105 s to shut Windows down (TIMEOUT=105) and 5 s for itself. */
export const STOP_TIMEOUT_S = 120;

/**
 * Signals the oldest process of dockur's script; PID 1 is told by Docker itself. POSIX sh and /proc, which any image has.
 * It runs inside the container, which Docker alone can enter and where no other container's processes are seen. Where the
 * daemon is dead nobody can run anything there: `docker-start.sh` then looks for the same process among the host's.
 */
export const TELL_DOCKUR = `for pid in $(ls /proc | grep -E '^[0-9]+$' | sort -n); do
  if tr '\\000' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qE '^[a-z/]*bash /run/entry\\.sh '; then
    [ "$pid" -eq 1 ] || kill -TERM "$pid"
    exit 0
  fi
done`;

/**
 * Stops the container with time for Windows to shut down. WAA's own images start dockur behind a shell that passes no
 * signal on (WindowsAgentArena 6d39ed8, entry.sh): Docker alone would wait for nothing and then pull Windows' plug, so
 * dockur gets the signal first. Nothing happens to a container that does not run.
 */
export async function stopDockur(engine: DockerEngine, id: string, deadline: Deadline): Promise<void> {
  const container = await engine.inspectContainer(id, deadline);
  if (container?.state === 'running') await engine.exec(id, ['sh', '-c', TELL_DOCKUR], deadline);
  await engine.stopContainer(id, STOP_TIMEOUT_S, deadline);
}
