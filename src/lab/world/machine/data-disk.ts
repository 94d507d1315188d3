import type { Machine } from '../contracts.js';
import type { Simulation } from '../simulation.js';
import { filesystemUuid, formatDisk } from './fstab.js';

/** Ends of disk-prepare.sh, by the reason it prints. */
export type DiskPreparation =
  { readonly ok: true } | { readonly ok: false; readonly reason: string; readonly detail: string };

/** What disk-prepare.sh does to a machine: format when blank, fstab by UUID, mount. */
export function prepareDataDisk(
  machine: Machine,
  simulation: Simulation,
  lun: number,
  directory: string,
): DiskPreparation {
  const disk = machine.spec.dataDisks.find((entry) => entry.lun === lun)?.disk;
  if (!disk) return { ok: false, reason: 'no-device', detail: `no disk at LUN ${lun}` };
  if (disk.formatted && disk.label !== 'waa-data') {
    const detail = `the disk at LUN ${lun} holds ext4 labelled '${disk.label}'`;
    return { ok: false, reason: 'foreign-filesystem', detail };
  }
  if (!filesystemUuid(disk)) formatDisk(disk, 'waa-data', simulation.randomGuid());
  const uuid = filesystemUuid(disk) ?? '';
  const fstab = machine.readFile('/etc/fstab')?.content.toString('utf8') ?? '';
  const kept = fstab.split('\n').filter((line) => line !== '' && line.split(/\s+/)[1] !== directory);
  machine.writeFile('/etc/fstab', [...kept, `UUID=${uuid} ${directory} ext4 defaults,nofail 0 2`, ''].join('\n'));
  machine.mountAll();
  return { ok: true };
}
