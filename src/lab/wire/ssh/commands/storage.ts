import { freeBytes } from '../../../world/contracts.js';
import { goldenCopy } from '../../../world/dockur/golden-copy.js';
import { allocatedDiskBytes, diskAt, openStorage } from '../../../world/dockur/storage.js';
import type { Machine } from '../../../world/contracts.js';
import type { RemoteCommand } from '../remote-command.js';
import { answer, needs, refuse } from './answer.js';

function hasDisk(machine: Machine, directory: string): boolean {
  return ['data.img', 'data.qcow2'].some((name) => machine.readFile(`${directory}/${name}`) !== undefined);
}

function firstLine(machine: Machine, path: string): string {
  return machine.readFile(path)?.content.toString('utf8').split('\n')[0] ?? '';
}

/** A directory exists in the world when it holds something or was made by disk-prepare.sh on a mounted disk. */
function exists(machine: Machine, directory: string): boolean {
  if (machine.listFiles(directory).length > 0) return true;
  return [...machine.mounts.keys()].some((point) => point !== '/' && directory === `${point}/waa/storage`);
}

/** storage.sh DIRECTORY */
export const storage: RemoteCommand = async (call) => {
  const bad = needs(call, 1);
  if (bad !== undefined) return bad;
  const { machine } = call;
  const [directory = ''] = call.args;
  return answer(call, {
    exists: exists(machine, directory),
    hasDisk: hasDisk(machine, directory),
    diskAllocatedBytes: allocatedDiskBytes(machine, directory),
    installedMarker: machine.readFile(`${directory}/windows.boot`) !== undefined,
    begunS: Math.floor((machine.readFile(`${directory}/windows.base`)?.modifiedMs ?? 0) / 1000),
    base: firstLine(machine, `${directory}/windows.base`),
    version: firstLine(machine, `${directory}/windows.ver`),
  });
};

/** mark-installed.sh DIRECTORY */
export const markInstalled: RemoteCommand = async (call) => {
  const bad = needs(call, 1);
  if (bad !== undefined) return bad;
  const [directory = ''] = call.args;
  if (!hasDisk(call.machine, directory)) return refuse(call, 'no-disk', `there is no Windows disk in ${directory}`);
  call.machine.writeFile(`${directory}/windows.boot`, '');
  return answer(call, { marked: true });
};

/** reset-storage.sh DIRECTORY */
export const resetStorage: RemoteCommand = async (call) => {
  const bad = needs(call, 1);
  if (bad !== undefined) return bad;
  const { machine } = call;
  const [directory = ''] = call.args;
  if (!/^\/.+\/storage$/.test(directory)) {
    return refuse(call, 'usage', `DIRECTORY must be an absolute path that ends in /storage, not ${directory}`, 64);
  }
  if (!exists(machine, directory)) return refuse(call, 'no-directory', `${directory} does not exist`);
  if (machine.docker.containers.some((container) => container.state === 'running')) {
    return refuse(call, 'in-use', `a running container uses ${directory}`);
  }
  openStorage(machine, directory).wipe();
  for (const path of machine.listFiles(directory)) if (!path.endsWith('.iso')) machine.removeTree(path);
  goldenCopy(machine, directory).remove();
  return answer(call, { freeBytes: freeBytes(diskAt(machine, directory)) });
};
