import type { ContainerProcessContext, Machine } from '../contracts.js';
import type { Simulation } from '../simulation.js';
import { error, warning, type Dialect } from './dialect.js';
import type { DockurSettings } from './settings.js';

type Env = Readonly<Record<string, string>>;
const CPU_MODEL = 'Intel Xeon Platinum 8370C';
const KERNEL = '6.8.0-1021-azure';

/** dockur's line about its host, and its warnings about what the host does not have. */
export function hostLines(
  env: Env,
  machine: Machine,
  settings: DockurSettings,
  dialect: Dialect,
  freeBytes: number,
): string[] {
  const totalGb = Math.round(machine.spec.memoryMb / 1024);
  const freeGb = totalGb - 1;
  const diskGb = Math.floor(freeBytes / 1024 ** 3);
  const ram = `RAM: ${freeGb}/${totalGb} GB`;
  const lines = [
    `❯ CPU: ${CPU_MODEL} | ${ram} | DISK: ${diskGb} GB (ext4) | KERNEL: ${KERNEL}${dialect.hostLineEnd}\n`,
  ];
  const ramGb = settings.ramBytes / 1024 ** 3;
  if (ramGb > freeGb) {
    const high = `Your configured RAM_SIZE of ${ramGb} GB is too high for the ${freeGb} GB of memory available`;
    lines.push(warning(`${high}, it will automatically be adjusted to ${Math.max(2, totalGb - 3)} GB.`));
  }
  const { cpuCores } = machine.spec;
  const wanted = env['CPU_CORES'] ?? '2';
  if (Number(wanted) > cpuCores) {
    const many = `The amount for CPU_CORES (${wanted}) exceeds the amount of logical cores available (${cpuCores})`;
    lines.push(warning(`${many} and will be limited.`));
  }
  return lines;
}

/** Whether the container can go on as far as KVM is concerned, and what dockur says about it. Not usable: exit code 88. */
export function kvmVerdict(
  simulation: Simulation,
  context: ContainerProcessContext,
  wanted: boolean,
): { readonly usable: boolean; readonly texts: readonly string[] } {
  const slow = 'this will cause the machine to run about 10 times slower';
  if (!wanted) return { usable: true, texts: [warning(`KVM acceleration is disabled, ${slow}!`)] };
  const reason = missingKvm(simulation, context);
  if (reason === undefined) return { usable: true, texts: [] };
  const advice =
    'See the FAQ for possible causes, or disable acceleration by adding the "KVM=N" variable (not recommended).';
  return {
    usable: false,
    texts: [error(`KVM acceleration is not available (${reason}), ${slow}.`), error(advice)],
  };
}

function missingKvm(simulation: Simulation, { machine, devices }: ContainerProcessContext): string | undefined {
  if (!devices.includes('/dev/kvm')) return '/dev/kvm is missing';
  if (simulation.faults.strikes('qemu-exit-88', machine.spec.name)) return '/dev/kvm is missing';
  return machine.spec.nestedVirtualization ? undefined : 'not enabled in BIOS';
}
