import { freeBytes } from '../../../world/contracts.js';
import { goldenCopy } from '../../../world/dockur/golden-copy.js';
import { allocatedDiskBytes, diskAt } from '../../../world/dockur/storage.js';
import type { RemoteCall, RemoteCommand } from '../remote-command.js';
import { answer, needs, pass, refuse } from './answer.js';

/** Bytes a second of a copy on one disk of 256 GB (P15): it reads and writes at 125 MB/s in all, and bursts above it. */
const COPY_BYTES_PER_S = 110e6;
const MARGIN_BYTES = 2 * 1024 ** 3;

/** golden.sh status|capture|restore STORAGE */
export const goldenCommand: RemoteCommand = async (call) => {
  const bad = needs(call, 2);
  if (bad !== undefined) return bad;
  const { machine, simulation } = call;
  const [command = '', directory = ''] = call.args;
  if (!/^\/.+\/storage$/.test(directory))
    return refuse(call, 'usage', `STORAGE must be an absolute path that ends in /storage, not ${directory}`, 64);
  if (command === 'status') return status(call, directory);
  if (command !== 'capture' && command !== 'restore') return refuse(call, 'usage', `unknown command: ${command}`, 64);
  const inUse = machine.docker.containers.some((container) => container.state === 'running');
  if (inUse) return refuse(call, 'in-use', `a running container uses ${directory}`);
  const copy = goldenCopy(machine, directory);
  if (command === 'capture') {
    if (machine.readFile(`${directory}/windows.boot`) === undefined)
      return refuse(call, 'not-installed', `there is no installed Windows in ${directory}`);
    if (copy.used) return refuse(call, 'used', `tasks have run on the Windows in ${directory}`);
  } else if (!copy.kept) return refuse(call, 'no-golden', `there is no clean copy beside ${directory}`);
  if (!copy.hasRoom)
    return refuse(call, 'no-room', `${copy.bytes + MARGIN_BYTES} bytes are needed beside ${directory}`);
  await pass(call, (copy.bytes / COPY_BYTES_PER_S) * 1000);
  const done = command === 'capture' ? copy.capture(Math.floor(simulation.now / 1000)) : copy.restore();
  return done ? status(call, directory) : refuse(call, 'not-installed', `there is no Windows disk in ${directory}`);
};

function status(call: RemoteCall, directory: string): number {
  const { machine } = call;
  const copy = goldenCopy(machine, directory);
  return answer(call, {
    exists: copy.kept !== undefined,
    bytes: copy.kept?.windows.allocatedBytes ?? 0,
    capturedS: copy.kept?.capturedS ?? 0,
    used: copy.used,
    neededBytes: allocatedDiskBytes(machine, directory) * 2 + MARGIN_BYTES,
    freeBytes: freeBytes(diskAt(machine, directory)),
  });
}
