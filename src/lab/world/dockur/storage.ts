import type { Disk, Machine } from '../contracts.js';
import { freeBytes } from '../contracts.js';

/** How far Windows on a disk is: what a power cut leaves behind. */
export type WindowsStage = 'blank' | 'copied' | 'specialized' | 'installed';

/** Contents of a Windows disk in the terms that matter. Plain data: it is copied with the disk. */
export interface WindowsDisk {
  stage: WindowsStage;
  /** The unattended script of WAA came to its end: apps and the server's logon task exist. */
  appsInstalled: boolean;
  /** Bytes the sparse file takes. */
  allocatedBytes: number;
  /** The last session ended without a shutdown. */
  dirty: boolean;
  partitionGuid: string;
  /** Tasks whose traces (files, settings, history) are on it. */
  taskTraces: number;
  /** Epoch ms at which the installation came to a desktop: the evaluation counts from then. */
  installedAtMs?: number;
}

/** Size of the 26200.6584 evaluation ISO that Microsoft serves for `11e`. */
export const ISO_BYTES = 7_092_807_680;

/** Space a finished installation takes; seen 10.9 GB near the end of a Windows 11 setup (kernalix7/winpodx#287), plus apps. */
export const INSTALLED_BYTES = 25 * 1024 ** 3;

/** One dockur storage directory on a machine: the files others can see, and the Windows on the disk behind them. */
export interface DockurStorage {
  readonly directory: string;
  readonly windows: WindowsDisk | undefined;
  readonly marked: boolean;
  readonly hasIso: boolean;
  readonly freeBytes: number;
  /** Makes `data.img` with an empty Windows disk. */
  createDisk(partitionGuid: string): void;
  /** What dockur >= 6.04 does with a disk without marker: everything of the old installation goes, the ISO stays. */
  wipe(): void;
  /** Moves an installation of another version away, as dockur does with `backups/`. */
  backUp(name: string): void;
  /** The ISO has arrived, whole. */
  keepIso(name: string): void;
  /** First clean exit: marker written, ISO and overlay removed. */
  finish(version: string): void;
  grow(bytes: number): void;
  write(name: string, content: string): void;
  read(name: string): string | undefined;
  remove(name: string): void;
}

/** The disk whose mount holds `path`, by the longest mount point. */
export function diskAt(machine: Machine, path: string): Disk {
  let best: { point: string; disk: Disk } | undefined;
  for (const [point, disk] of machine.mounts) {
    const holds = point === '/' || path === point || path.startsWith(`${point}/`);
    if (holds && (!best || point.length > best.point.length)) best = { point, disk };
  }
  return best?.disk ?? machine.spec.osDisk;
}

/** Opens a storage directory. Everything is read from the machine each time, so a removed file is gone at once. */
export function openStorage(machine: Machine, directory: string): DockurStorage {
  const disk = diskAt(machine, directory);
  const key = `dockur:${directory}`;
  const path = (name: string): string => `${directory}/${name}`;
  const exists = (name: string): boolean => machine.readFile(path(name)) !== undefined;
  const isoName = (): string | undefined =>
    machine.listFiles(directory).find((file) => file.startsWith(`${directory}/`) && file.endsWith('.iso'));

  const storage: DockurStorage = {
    directory,
    get windows() {
      return exists('data.img') ? (disk.data.get(key) as WindowsDisk | undefined) : undefined;
    },
    get marked() {
      return exists('windows.boot');
    },
    get hasIso() {
      return isoName() !== undefined;
    },
    get freeBytes() {
      return freeBytes(disk);
    },
    createDisk(partitionGuid) {
      const fresh: WindowsDisk = {
        stage: 'blank',
        appsInstalled: false,
        allocatedBytes: 0,
        dirty: false,
        partitionGuid,
        taskTraces: 0,
      };
      disk.data.set(key, fresh);
      machine.writeFile(path('data.img'), 'EFI PART', 0o644);
      disk.usedBytes.delete('windows');
    },
    wipe() {
      for (const file of machine.listFiles(directory)) {
        if (/\/(data\.(img|qcow2)|windows\.[a-z]+|setup\.img)$|\.(rom|vars)$/.test(file)) machine.removeTree(file);
      }
      disk.data.delete(key);
      disk.usedBytes.delete('windows');
    },
    backUp(name) {
      for (const file of machine.listFiles(directory)) {
        const base = file.slice(directory.length + 1);
        if (base.includes('/')) continue;
        const content = machine.readFile(file)?.content ?? Buffer.alloc(0);
        machine.writeFile(path(`backups/${name}/${base}`), content);
        machine.removeTree(file);
      }
      disk.usedBytes.set('windows-backup', disk.usedBytes.get('windows') ?? 0);
      disk.data.delete(key);
      disk.usedBytes.delete('windows');
    },
    keepIso(name) {
      machine.writeFile(path(name), 'CD001');
      disk.usedBytes.set('windows-iso', ISO_BYTES);
    },
    finish(version) {
      machine.writeFile(path('windows.boot'), '');
      machine.writeFile(path('windows.ver'), version);
      const iso = isoName();
      if (iso !== undefined) machine.removeTree(iso);
      machine.removeTree(path('setup.img'));
      disk.usedBytes.delete('windows-iso');
    },
    grow(bytes) {
      const windows = storage.windows;
      if (!windows) return;
      windows.allocatedBytes += bytes;
      disk.usedBytes.set('windows', windows.allocatedBytes);
    },
    write: (name, content) => machine.writeFile(path(name), content),
    read: (name) => machine.readFile(path(name))?.content.toString('utf8'),
    remove: (name) => machine.removeTree(path(name)),
  };
  return storage;
}

/** Bytes that `du` shows for `data.img` in a storage directory; 0 without one. For the host script's stand-in. */
export function allocatedDiskBytes(machine: Machine, directory: string): number {
  return openStorage(machine, directory).windows?.allocatedBytes ?? 0;
}
