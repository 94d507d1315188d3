import type { Disk } from '../contracts.js';
import type { FileSystem } from './file-system.js';

const UUID_KEY = 'filesystem-uuid';

/** UUID of the file system on a disk, or undefined when it is blank. */
export function filesystemUuid(disk: Disk): string | undefined {
  const uuid = disk.data.get(UUID_KEY);
  return disk.formatted && typeof uuid === 'string' ? uuid : undefined;
}

/** What mkfs.ext4 -L does: an empty file system with a label and a new UUID. */
export function formatDisk(disk: Disk, label: string, uuid: string): void {
  disk.formatted = true;
  disk.label = label;
  disk.files.clear();
  disk.data.set(UUID_KEY, uuid);
}

/** Mounts what /etc/fstab says, as `mount -a` does. A disk that is not there is skipped (`nofail`). */
export function mountFstab(files: FileSystem, disks: readonly Disk[]): void {
  const fstab = files.read('/etc/fstab')?.content.toString('utf8') ?? '';
  for (const line of fstab.split('\n')) {
    const match = /^UUID=(\S+)\s+(\S+)\s/.exec(line);
    const disk = match && disks.find((candidate) => filesystemUuid(candidate) === match[1]);
    const mountPoint = match?.[2];
    if (disk && mountPoint && !files.mounts.has(mountPoint)) files.mounts.set(mountPoint, disk);
  }
}
