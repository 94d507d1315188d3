import type { RemoteCommand } from '../remote-command.js';
import { answer, needs, refuse } from './answer.js';

const TAIL_BYTES = 16_384;

/** read-file.sh PATH MAX_BYTES */
export const readFile: RemoteCommand = async (call) => {
  const bad = needs(call, 2);
  if (bad !== undefined) return bad;
  const [path = '', max = ''] = call.args;
  if (!/^\d+$/.test(max)) return refuse(call, 'usage', `MAX_BYTES must be a number, not ${max}`, 64);
  const file = call.machine.readFile(path);
  if (!file) {
    const isDirectory = call.machine.listFiles(path).length > 0;
    return isDirectory
      ? refuse(call, 'not-a-file', `${path} is not a regular file`)
      : refuse(call, 'not-found', `${path} does not exist`);
  }
  call.stdout.write(file.content.subarray(0, Number(max)));
  return 0;
};

/** open-socket.sh PATH USER: in the lab every socket is open to the user, so one that refused is not there. */
export const openSocket: RemoteCommand = async (call) =>
  needs(call, 2) ?? refuse(call, 'no-socket', `there is no socket at ${call.args[0] ?? ''}`);

/** host-logs.sh */
export const hostLogs: RemoteCommand = async (call) => {
  const tail = (path: string): string =>
    call.machine.readFile(path)?.content.subarray(-TAIL_BYTES).toString('utf8') ?? '';
  const disks = [...call.machine.mounts].map(([path, disk]) => `${disk.sizeGb}G ${path}`).join('\n');
  return answer(call, {
    'cloud-init-output': tail('/var/log/cloud-init-output.log'),
    'cloud-init': '',
    docker: call.machine.docker.installed ? `docker.service: ${call.machine.docker.daemon}` : '-- No entries --',
    kernel: call.machine.readFile('/dev/kvm') ? '' : 'kvm: no hardware support',
    apt: '',
    disks,
    memory: `Mem: ${call.machine.spec.memoryMb}`,
  });
};
