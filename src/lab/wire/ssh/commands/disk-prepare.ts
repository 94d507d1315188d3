import { freeBytes } from '../../../world/contracts.js';
import { prepareDataDisk } from '../../../world/machine/data-disk.js';
import type { RemoteCommand } from '../remote-command.js';
import { answer, needs, pass, refuse } from './answer.js';

/** disk-prepare.sh waits this long for a disk that Linux has not seen yet. */
const DEVICE_WAIT_MS = 60_000;
/** mkfs.ext4 leaves the inode tables of a large disk to be written later. */
const MKFS_MS = 3000;

/** disk-prepare.sh LUN DIRECTORY USER */
export const diskPrepare: RemoteCommand = async (call) => {
  const bad = needs(call, 3);
  if (bad !== undefined) return bad;
  const { machine, simulation } = call;
  const [lun = '', directory = '', user = ''] = call.args;
  if (lun !== 'none' && !/^\d+$/.test(lun))
    return refuse(call, 'usage', `LUN must be a number or none, not ${lun}`, 64);
  if (!directory.startsWith('/') || directory === '/') {
    return refuse(call, 'usage', `DIRECTORY must be an absolute path, not ${directory}`, 64);
  }
  if (user !== machine.spec.adminUser && user !== 'root') return refuse(call, 'no-user', `there is no user ${user}`);
  if (lun !== 'none') {
    const result = prepareDataDisk(machine, simulation, Number(lun), directory);
    if (!result.ok) {
      if (result.reason === 'no-device') await pass(call, DEVICE_WAIT_MS);
      return refuse(call, result.reason, result.detail);
    }
    await pass(call, MKFS_MS);
  }
  const disk = machine.mounts.get(directory) ?? machine.spec.osDisk;
  return answer(call, { directory, freeBytes: freeBytes(disk) });
};
