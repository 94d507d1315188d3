import { fail, type WaaError } from '../failures/waa-error.js';

/** What was found in the Windows storage directory. */
export interface StorageSeen {
  readonly hasDisk: boolean;
  readonly diskAllocatedBytes: number;
  readonly installedMarker: boolean;
  /** Contents of `windows.base`. */
  readonly base: string;
}

export interface StorageQuestion {
  readonly directory: string;
  readonly seen: StorageSeen;
  /** `windows.version` as configured, e.g. `11e`. */
  readonly version: string;
  /** We began the installation on this storage, and no desktop was ever seen on it. */
  readonly ourUnfinishedInstall: boolean;
}

/** What a start would do to the storage. */
export type StorageVerdict =
  | { readonly start: 'boots' }
  | { readonly start: 'installs' }
  /** Erases an installation that we began and that never came to a desktop: nothing of worth is lost. */
  | { readonly start: 'installs-again' }
  | { readonly start: 'refused'; readonly fault: WaaError };

/** ISO name that dockur derives from VERSION and keeps in `windows.base` (dockur/windows 6.05, src/define.sh). */
const ISO_OF_VERSION: Readonly<Record<string, string>> = {
  '11': 'win11x64.iso',
  '11e': 'win11x64-enterprise-eval.iso',
  '11l': 'win11x64-enterprise-ltsc-eval.iso',
  '10': 'win10x64.iso',
  '10e': 'win10x64-enterprise-eval.iso',
};

/**
 * Judges what the next start of dockur would do, before it happens. dockur >= 6.04 wipes a disk without `windows.boot` and
 * moves one of another VERSION away; neither may happen to a Windows that somebody could miss.
 */
export function judgeStorage({ directory, seen, version, ourUnfinishedInstall }: StorageQuestion): StorageVerdict {
  if (!seen.hasDisk) return { start: 'installs' };
  if (!seen.installedMarker) {
    if (ourUnfinishedInstall) return { start: 'installs-again' };
    const allocatedGb = Math.round(seen.diskAllocatedBytes / 1024 ** 3);
    return { start: 'refused', fault: fail('QEMU_STORAGE_WITHOUT_MARKER', { directory, allocatedGb }) };
  }
  const wanted = ISO_OF_VERSION[version];
  const installed = seen.base.trim();
  if (wanted === undefined || installed === '' || installed === wanted) return { start: 'boots' };
  return { start: 'refused', fault: fail('QEMU_STORAGE_OTHER_VERSION', { directory, installed, wanted }) };
}
