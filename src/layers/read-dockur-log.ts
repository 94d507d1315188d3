import type { ContainerInfo, DockerEngine } from '../clients/docker-engine/docker-engine.js';
import type { Deadline } from '../health/deadline.js';
import { parseDockurLog, type DockurLog } from '../health/dockur-log.js';

/**
 * All that a start can say, in bounds: a banner, a 5.x download of 220 lines, a shutdown of 100, and two lines for each
 * start of Windows, which is reset before each task of a run. A tail that is full would no longer tell one start from the
 * next. Ten thousand starts are more than a container sees; a hundred are some 20 kB.
 */
const TAIL_LINES = 20_000;
/** Docker notes the start a moment after the program may have written its first line. */
const MARGIN_MS = 1000;

/**
 * What dockur said since the container's newest start. Docker keeps one log for all starts: until dockur has written its
 * banner again, the newest one there is that of the start before, with a QEMU that ran.
 */
export async function readDockurLog(
  engine: DockerEngine,
  { id, startedAt }: ContainerInfo,
  deadline: Deadline,
): Promise<DockurLog> {
  const sinceMs = Math.max(0, Date.parse(startedAt) - MARGIN_MS);
  return parseDockurLog(await engine.logs(id, TAIL_LINES, deadline, sinceMs));
}
