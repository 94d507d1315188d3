import type { Progress } from '../layer.js';
import { LIMITS } from './limits.js';
import type { WindowsView } from './look.js';

/**
 * How far Windows is, in words and, for a first installation, in percent. Setup tells its percent to nobody; bytes written
 * since QEMU's start against what an installation writes are the best there is.
 */
export function progressOf(view: WindowsView): Progress {
  const { storage, log, frame, traffic } = view;
  if (frame.kind === 'desktop')
    return { phase: storage.installedMarker ? 'desktop is there' : 'desktop is there, disk not marked yet' };
  if (storage.installedMarker)
    return { phase: frame.kind === 'black' ? 'Windows starts (screen is black)' : 'Windows starts' };
  const percent = Math.min(95, Math.floor((100 * traffic.writtenBytes) / LIMITS.installBytes));
  return { phase: installPhase(log.diskBoots), percent };
}

function installPhase(diskBoots: number): string {
  if (diskBoots === 0) return 'Windows Setup copies files';
  return diskBoots === 1 ? 'Windows prepares devices' : 'Windows prepares the desktop';
}

/** Changes whenever Windows did something: another boot, another picture, or disk traffic worth the name. */
export function progressMark({ log, frame, traffic }: WindowsView): string {
  const worked = (bytes: number): number => Math.floor(bytes / LIMITS.workBytes);
  return `${log.diskBoots}/${log.dvdBoots}/${frame.hash}/${worked(traffic.writtenBytes)}/${worked(traffic.readBytes)}`;
}
