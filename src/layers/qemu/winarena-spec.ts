import type { ContainerInfo, ContainerSpec } from '../../clients/docker-engine/docker-engine.js';
import { fail } from '../../failures/waa-error.js';
import { CONTAINER_NAME, FINGERPRINT_LABEL, PORTS, winarenaPaths } from '../../health/winarena.js';
import { stableHash } from '../fingerprint.js';
import type { DockerOutput } from '../io.js';
import { STOP_TIMEOUT_S } from '../stop-dockur.js';
import type { WorkerPlan } from '../worker-plan.js';

/** What the host keeps for Linux, Docker and WAA's client, which loads image models beside Windows. */
const HOST_RESERVE_GB = 4;
/** Windows 11's own minimum is 2 GB (dockur 6.05 refuses less); the benchmark's apps need twice that. */
const SMALLEST_GUEST = { ramGb: 4, cpuCores: 2 } as const;
/** WAA's client speaks QMP on this port inside the container; HOST_PORTS keeps dockur from forwarding it to Windows. */
const CLIENT_QMP_PORT = 7200;

/** How large Windows is made, and why it is smaller than asked for. */
export interface GuestSize {
  readonly ramGb: number;
  readonly cpuCores: number;
  /** One sentence for each value that was lowered. */
  readonly notes: readonly string[];
}

/**
 * Size of Windows on this host: what is configured, capped by what the host has. dockur would lower RAM by itself and go
 * on, so that two runs are no longer comparable without anybody knowing. Raises QEMU_HOST_TOO_SMALL.
 */
export function sizeGuest(
  wanted: WorkerPlan['config']['windows'],
  host: Pick<DockerOutput, 'cpuCores' | 'memoryMb'>,
): GuestSize {
  const hostGb = Math.floor(host.memoryMb / 1024);
  const ramGb = Math.min(wanted.ramGb, hostGb - HOST_RESERVE_GB);
  const cpuCores = Math.min(wanted.cpuCores, host.cpuCores);
  if (ramGb < SMALLEST_GUEST.ramGb || cpuCores < SMALLEST_GUEST.cpuCores) {
    throw fail('QEMU_HOST_TOO_SMALL', { memoryMb: host.memoryMb, cpuCores: host.cpuCores });
  }
  const notes: string[] = [];
  if (ramGb < wanted.ramGb)
    notes.push(
      `Windows gets ${ramGb} GB instead of ${wanted.ramGb}: the host has ${hostGb} and keeps ${HOST_RESERVE_GB}`,
    );
  if (cpuCores < wanted.cpuCores)
    notes.push(`Windows gets ${cpuCores} cores instead of ${wanted.cpuCores}: the host has no more`);
  return { ramGb, cpuCores, notes };
}

/** The container as we want it on this worker, with its fingerprint as a label. Raises QEMU_HOST_TOO_SMALL. */
export function winarenaSpec(plan: WorkerPlan, host: DockerOutput): ContainerSpec {
  const { windows } = plan.config;
  const size = sizeGuest(windows, host);
  const paths = winarenaPaths(host.dataDirectory);
  const accelerated = host.acceleration === 'kvm';
  const spec = {
    name: CONTAINER_NAME,
    image: host.image,
    env: {
      VERSION: windows.version,
      RAM_SIZE: `${size.ramGb}G`,
      CPU_CORES: String(size.cpuCores),
      DISK_SIZE: `${windows.diskGb}G`,
      WIDTH: String(windows.width),
      HEIGHT: String(windows.height),
      HOST_PORTS: String(CLIENT_QMP_PORT),
      USER_PORTS: String(PORTS.waaServer),
      ARGUMENTS: `-qmp unix:${paths.qmpSocketInside},server=on,wait=off -qmp tcp:0.0.0.0:${CLIENT_QMP_PORT},server=on,wait=off`,
      ...(accelerated ? {} : { KVM: 'N' }),
    },
    binds: [
      { source: paths.storage, target: '/storage' },
      { source: paths.run, target: paths.runInside },
    ],
    devices: [...(accelerated ? ['/dev/kvm'] : []), '/dev/net/tun'],
    capabilities: ['NET_ADMIN'],
    ports: [PORTS.waaServer, PORTS.web].map((port) => ({ container: port, host: port })),
    stopTimeoutS: STOP_TIMEOUT_S,
  };
  return { ...spec, labels: { [FINGERPRINT_LABEL]: stableHash(spec) } };
}

/**
 * How a container differs from what we want, in words; empty when it is exactly ours. What the image adds (its own
 * environment, entrypoint) does not count.
 */
export function differencesOf(wanted: ContainerSpec, container: ContainerInfo, imageId: string): readonly string[] {
  const differences: string[] = [];
  const compare = (what: string, is: unknown, shall: unknown): void => {
    if (stableHash(is) !== stableHash(shall)) differences.push(`${what} is ${show(is)}, wanted ${show(shall)}`);
  };
  const { spec } = container;
  compare('fingerprint', container.labels[FINGERPRINT_LABEL] ?? 'missing', wanted.labels[FINGERPRINT_LABEL]);
  compare('image', container.imageId, imageId);
  for (const [name, value] of Object.entries(wanted.env))
    compare(`environment ${name}`, spec.env[name] ?? 'missing', value);
  compare('KVM=N', spec.env['KVM'] ?? '', wanted.env['KVM'] ?? '');
  compare(
    'binds',
    sorted(spec.binds.map(({ source, target }) => `${source}:${target}`)),
    sorted(wanted.binds.map(({ source, target }) => `${source}:${target}`)),
  );
  compare('devices', sorted(spec.devices), sorted(wanted.devices));
  compare('capabilities', sorted(spec.capabilities.map(withoutPrefix)), sorted(wanted.capabilities));
  compare('ports', sorted(spec.ports.map(portText)), sorted(wanted.ports.map(portText)));
  compare('stop timeout', spec.stopTimeoutS, wanted.stopTimeoutS);
  return differences;
}

const sorted = (values: readonly string[]): readonly string[] => [...values].sort();
const portText = (port: { readonly container: number; readonly host: number }): string =>
  `${port.host}:${port.container}`;
/** The engine names a capability with or without its prefix, by version. */
const withoutPrefix = (capability: string): string => capability.replace(/^CAP_/, '');
const show = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : String(value));
