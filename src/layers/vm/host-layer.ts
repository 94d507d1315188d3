import { asWaaError } from '../../failures/waa-error.js';
import type { HostClaims } from '../../host/host-claims.js';
import { hostIsSilent } from '../../retry/silence.js';
import type { VmOutput } from '../io.js';
import type { Layer, LayerContext, LayerStatus } from '../layer.js';
import { layerTimeouts } from '../layer-timeouts.js';
import type { HostPlan } from '../worker-plan.js';
import { waitForSsh } from './bring-up.js';
import type { HostDeps } from './deps.js';
import { hostEvidence } from './evidence.js';
import { hostFault, takeHostLook } from './host-look.js';

export interface HostLayerDeps extends HostDeps {
  readonly claims: HostClaims;
  /** A Linux host somebody else looks after: its power, its disks and its Docker are not ours. */
  readonly target: HostPlan;
}

/**
 * The same layer for `--host`: nothing is created, restarted, formatted or cleaned. The host is marked as used by this
 * deployment and gets our folders, after everything that could stand against it was looked at.
 */
export function createHostLayer(deps: HostLayerDeps): Layer<unknown, VmOutput> {
  const { target, plan, claims } = deps;
  const { address } = target;
  let toldOfTcg = false;

  const warnOfTcg = (ctx: LayerContext, detail: string): void => {
    if (toldOfTcg) return;
    toldOfTcg = true;
    const text =
      `KVM does not work on ${address.host} (${detail}); Windows runs in software emulation, many times slower: ` +
      'hours instead of half an hour for its installation, and tasks need a larger benchmark.taskTimeoutS';
    ctx.emit('log', { component: 'vm', host: address.host }, text, { level: 'warn' });
  };
  const look = async (ctx: LayerContext): Promise<LayerStatus<VmOutput>> => {
    const seen = await ctx.retry('ssh', (deadline) => takeHostLook(deps, target, deadline), {
      deadline: ctx.deadline,
      isRetryable: (error) => error.code === 'VM_SSH_DROPPED' && !ctx.deadline.signal.aborted,
      silence: hostIsSilent(address, 'looking at the host'),
    });
    const fault = hostFault(seen, plan, target);
    if (fault) return { state: 'unhealthy', fault };
    const { facts, kvm, state } = seen;
    if (!kvm.usable) warnOfTcg(ctx, kvm.detail);
    const differences = [
      ...(state.owners.length === 2 ? [] : [`${address.host} is not marked as used by ${plan.deployment}`]),
      ...(state.folders ? [] : [`there are no folders below ${plan.dataDirectory}`]),
    ];
    if (differences.length > 0) return { state: 'drifted', differences };
    const acceleration = kvm.usable ? 'kvm' : 'tcg';
    const { bootId, cpuCores, memoryMb } = facts;
    const output = { address, bootId, cpuCores, memoryMb, dataDirectory: plan.dataDirectory, acceleration } as const;
    const detail = `${facts.os}, ${cpuCores} CPUs, ${Math.round(memoryMb / 1024)} GB, ${acceleration.toUpperCase()}`;
    return { state: 'ready', output, identity: bootId, detail };
  };
  const prepare = async (ctx: LayerContext): Promise<void> => {
    const link = await waitForSsh(deps, ctx, address);
    const made = await claims.claim(link, plan.dataDirectory, target.claim, ctx.deadline);
    try {
      await deps.host.prepareDataDisk(link, 'none', plan.dataDirectory, ctx.deadline);
    } catch (error) {
      // A mark without folders would keep everybody else away from a host that we do not use.
      if (made && !link.closed && !ctx.deadline.signal.aborted)
        await claims.release(link, plan.dataDirectory, target.claim, ctx.deadline);
      throw error;
    }
  };
  return {
    id: 'vm',
    milestones: ['vm_created'],
    timeouts: layerTimeouts(plan.config, 'vm'),
    async check(ctx) {
      try {
        return await look(ctx);
      } catch (error) {
        if (ctx.deadline.signal.aborted && !ctx.deadline.expired) throw error;
        return { state: 'unhealthy', fault: asWaaError(error) };
      }
    },
    provision: prepare,
    async recover(ctx, _input, fault) {
      // Its disk is full of somebody else's things: nothing there is ours to delete.
      if (ctx.recoveryAttempt > 0 || fault.disposition === 'permanent' || fault.code === 'VM_DISK_SPACE')
        return { outcome: 'give-up' };
      await waitForSsh(deps, ctx, address);
      return { outcome: 'acted', action: `reconnected to ${address.host}` };
    },
    evidence: (ctx) => hostEvidence(deps, ctx, address),
  };
}
