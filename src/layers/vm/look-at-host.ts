import type { SshLink } from '../../clients/ssh/ssh.js';
import { asWaaError, fail, type WaaError } from '../../failures/waa-error.js';
import { offsetBetween, ourClock } from '../../health/clock-offset.js';
import type { HostFacts } from '../../host/host-tools.js';
import type { HostAddress, VmOutput } from '../io.js';
import { hostIsSilent } from '../../retry/silence.js';
import type { LayerContext, LayerStatus } from '../layer.js';
import type { HostDeps } from './deps.js';

const GB = 1024 ** 3;
/** Below this on the data disk no image can be pulled and no run kept (requirement P6: >= 15 GB for Docker). */
const MIN_DATA_GB = 15;
/** apt, journald and Docker's own state live on the OS disk. */
const MIN_OS_GB = 1;

/** What a host must have. A VM of ours has more than a host somebody else looks after. */
export interface HostNeeds {
  /** The data directory must be a mounted disk. */
  readonly dataDisk: boolean;
  /** First boot must be over. */
  readonly cloudInit: boolean;
}

/**
 * Looks at a Linux host over SSH: facts, first boot, disks, KVM by a functional test. Never throws for something broken.
 * A connection that breaks in the middle is opened again once per `ssh` policy; a host that does not answer is a fault.
 */
export async function lookAtHost(
  deps: HostDeps,
  ctx: LayerContext,
  address: HostAddress,
  needs: HostNeeds,
): Promise<LayerStatus<VmOutput>> {
  try {
    return await ctx.retry(
      'ssh',
      async (deadline) => {
        const link = await deps.links.open(address, deadline);
        const askedAt = ctx.clock.now();
        const facts = await deps.host.facts(link, deadline);
        const broken = firstBoot(facts, address, needs) ?? disks(facts, address, needs, deps);
        if (broken) return broken;
        const off = ourClock(offsetBetween(facts.epochMs, { askedAt, answeredAt: ctx.clock.now() }));
        return await virtualization(deps, ctx, link, facts, off);
      },
      // A host that refuses or is silent is answered with its fault at once: waiting is recovery, not looking.
      {
        deadline: ctx.deadline,
        isRetryable: (error) => error.code === 'VM_SSH_DROPPED' && !ctx.deadline.signal.aborted,
        silence: hostIsSilent(address, 'looking at the host'),
      },
    );
  } catch (error) {
    if (ctx.deadline.signal.aborted && !ctx.deadline.expired) throw error;
    return { state: 'unhealthy', fault: asWaaError(error) };
  }
}

function firstBoot(facts: HostFacts, { host }: HostAddress, needs: HostNeeds): LayerStatus<VmOutput> | undefined {
  if (!needs.cloudInit) return undefined;
  const { status } = facts.cloudInit;
  if (status === 'running' || status === 'not started')
    return { state: 'in-progress', progress: { phase: `first boot: cloud-init is ${status}` } };
  const fault = firstBootFault(facts, host);
  return fault && { state: 'unhealthy', fault };
}

/**
 * A failed first boot counts as long as what it should have done is missing. Its status can never become `done` again,
 * so once the missing steps were done by repair it is history.
 */
export function firstBootFault({ cloudInit, docker }: HostFacts, host: string): WaaError | undefined {
  const failed = cloudInit.status === 'error' || cloudInit.errors.length > 0;
  if (!failed || docker.installed) return undefined;
  const detail = cloudInit.errors[0] ?? 'no reason given';
  return fail('VM_CLOUD_INIT_FAILED', { host, status: cloudInit.extendedStatus, detail });
}

function disks(
  facts: HostFacts,
  { host }: HostAddress,
  needs: HostNeeds,
  { plan }: HostDeps,
): LayerStatus<VmOutput> | undefined {
  const directory = plan.dataDirectory;
  const data = facts.mounts.find((mount) => mount.path === directory);
  if (needs.dataDisk && !data) {
    const fault =
      facts.dataDevice === undefined
        ? fail('VM_DATA_DISK_MISSING', { host, lun: 0 })
        : fail('VM_DATA_DISK_UNMOUNTED', { host, directory });
    return { state: 'unhealthy', fault };
  }
  for (const { path, freeBytes } of facts.mounts) {
    const needGb = path === (data?.path ?? '/') ? MIN_DATA_GB : MIN_OS_GB;
    if (freeBytes >= needGb * GB) continue;
    const freeGb = Math.floor((freeBytes / GB) * 10) / 10;
    return { state: 'unhealthy', fault: fail('VM_DISK_SPACE', { host, path, freeGb, needGb }) };
  }
  return undefined;
}

async function virtualization(
  deps: HostDeps,
  ctx: LayerContext,
  link: SshLink,
  facts: HostFacts,
  off: ReturnType<typeof ourClock>,
): Promise<LayerStatus<VmOutput>> {
  const { host } = link.address;
  const kvm = await deps.host.kvmSelftest(link, ctx.deadline);
  if (!kvm.usable && !deps.allowEmulation) {
    return { state: 'unhealthy', fault: fail('VM_KVM_UNUSABLE', { host, reason: kvm.reason, detail: kvm.detail }) };
  }
  const acceleration = kvm.usable ? 'kvm' : 'tcg';
  const output: VmOutput = {
    address: link.address,
    bootId: facts.bootId,
    cpuCores: facts.cpuCores,
    memoryMb: facts.memoryMb,
    dataDirectory: deps.plan.dataDirectory,
    acceleration,
  };
  // Worth a word, not a fault: a lease is reckoned against Azure's clock, and what a task sees is up to its worker's own.
  const clock = off ? [`our clock is ${off.minutes} min ${off.direction} its`] : [];
  const parts = [facts.os, `${facts.cpuCores} vCPUs`, `${Math.round(facts.memoryMb / 1024)} GB`];
  const detail = [...parts, `${acceleration.toUpperCase()} works`, ...clock].join(', ');
  return { state: 'ready', output, identity: facts.bootId, detail };
}
