import type { OpenWebStream, ReadDockurStatus } from '../clients/dockur-web/dockur-web.js';
import type { Deadline } from './deadline.js';
import { DOCKUR_PHASES, type DockurLog } from './dockur-log.js';

/** What dockur is doing before QEMU runs. */
export interface Preparation {
  readonly phase: string;
  readonly percent?: number;
}

/** True until dockur starts QEMU: download, media, disk, network. */
export function isPreparing(log: DockurLog): boolean {
  return DOCKUR_PHASES.indexOf(log.phase) < DOCKUR_PHASES.indexOf('firmware');
}

/**
 * How far the preparation is. dockur's status page knows the percent that the log of 6.x hides until the end; it is a
 * nicety, so a page that cannot be read leaves what the log says. Raises only the deadline's own end.
 */
export async function preparationOf(
  log: DockurLog,
  readStatus: ReadDockurStatus,
  openStream: OpenWebStream,
  deadline: Deadline,
): Promise<Preparation> {
  const phase = log.lastLine === '' ? log.phase : log.lastLine.replace(/^❯ /, '').replace(/\.{2,3}$/, '');
  const fromLog: Preparation = log.percent === undefined ? { phase } : { phase, percent: log.percent };
  try {
    const status = await readStatus(openStream, deadline);
    return status === 'over' || status.phase === '' ? fromLog : status;
  } catch (error) {
    if (deadline.signal.aborted) throw error;
    return fromLog;
  }
}
