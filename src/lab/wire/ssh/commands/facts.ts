import { freeBytes } from '../../../world/contracts.js';
import type { Disk, Machine } from '../../../world/contracts.js';
import { cloudInitReport, cloudInitState } from '../../../world/machine/cloud-init-state.js';
import type { RemoteCommand } from '../remote-command.js';
import { answer, needs, pass } from './answer.js';

function mountOf(path: string, source: string, disk: Disk): object {
  return { path, source, fsType: 'ext4', sizeBytes: disk.sizeGb * 1024 ** 3, freeBytes: freeBytes(disk) };
}

const isBooting = (machine: Machine): boolean => (cloudInitState(machine)?.status ?? 'running') === 'running';

/** Data disks come after the OS disk and, on sizes that have one, the temporary disk. */
function deviceOf(machine: Machine, lun: number): string | undefined {
  const index = machine.spec.dataDisks.findIndex((entry) => entry.lun === lun);
  return index < 0 ? undefined : `/dev/sd${String.fromCharCode(99 + index)}`;
}

/** A start of the daemon lasts seconds here and cannot hang, so it is always young. */
function dockerOf({ docker: { installed, daemon } }: Machine): object {
  const active = daemon === 'running';
  return { installed, active, version: active ? '28.2.2' : '', startingS: daemon === 'starting' ? 0 : null };
}

/** How often a waiting host looks; cloud-init itself looks four times a second. */
const LOOK_EVERY_MS = 1000;

/** facts.sh DIRECTORY LUN [BOOT_WAIT_S] */
export const facts: RemoteCommand = async (call) => {
  const bad = needs(call, 2);
  if (bad !== undefined) return bad;
  const { machine, simulation } = call;
  const [directory = '', lunText = '', bootWaitS = '0'] = call.args;
  const until = simulation.now + Number(bootWaitS) * 1000;
  while (simulation.now < until && isBooting(machine)) await pass(call, LOOK_EVERY_MS);
  const hasKvm = machine.readFile('/dev/kvm') !== undefined;
  const data = machine.mounts.get(directory);
  const cloudInit = cloudInitReport(machine);
  const device = deviceOf(machine, Number(lunText));
  return answer(call, {
    bootId: machine.bootId,
    os: 'Ubuntu 24.04.3 LTS',
    kernel: '6.8.0-1044-azure',
    cpuCores: machine.spec.cpuCores,
    memoryMb: machine.spec.memoryMb,
    cpuVirtualization: machine.spec.nestedVirtualization && machine.spec.securityType === 'Standard',
    kvm: { present: hasKvm, writable: hasKvm },
    docker: dockerOf(machine),
    cloudInit: { present: true, exitCode: cloudInit.exitCode, output: cloudInit.text },
    mounts: [
      mountOf('/', '/dev/root', machine.spec.osDisk),
      ...(data ? [mountOf(directory, device ?? '/dev/sdc', data)] : []),
    ],
    dataDevice: device ?? null,
    epochMs: Math.floor(simulation.now / 1000) * 1000,
  });
};
