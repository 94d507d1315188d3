import type { HostAddress, VmOutput } from '../io.js';
import type { Layer, LayerContext } from '../layer.js';
import { waitForSsh } from './bring-up.js';
import type { HostDeps } from './deps.js';
import { hostEvidence } from './evidence.js';
import { lookAtHost } from './look-at-host.js';
import { cleanHost } from './recover.js';

export interface HostLayerDeps extends HostDeps {
  /** A Linux host somebody else looks after: its power and its disks are not ours. */
  readonly address: HostAddress;
}

/** The same layer for `--host`: nothing is created, restarted or formatted; only our folders are made. */
export function createHostLayer(deps: HostLayerDeps): Layer<unknown, VmOutput> {
  const { address, plan } = deps;
  const { checkS, provisionS, recoverS } = plan.config.timeouts.vm;
  const makeFolders = async (ctx: LayerContext): Promise<void> => {
    const link = await waitForSsh(deps, ctx, address);
    await deps.host.prepareDataDisk(link, 'none', plan.dataDirectory, ctx.deadline);
  };
  return {
    id: 'vm',
    milestones: ['vm_created'],
    timeouts: { checkMs: checkS * 1000, provisionMs: provisionS * 1000, recoverMs: recoverS * 1000 },
    async check(ctx) {
      const seen = await lookAtHost(deps, ctx, address, { dataDisk: false, cloudInit: false });
      if (seen.state !== 'ready') return seen;
      const link = await deps.links.open(address, ctx.deadline);
      const sockets = `${plan.dataDirectory}/waa/run`;
      const { exitCode } = await link.exec(['test', '-d', sockets], { deadline: ctx.deadline });
      return exitCode === 0 ? seen : { state: 'drifted', differences: [`${sockets} does not exist`] };
    },
    provision: makeFolders,
    async recover(ctx, _input, fault) {
      if (fault.code === 'VM_DISK_SPACE' && ctx.recoveryAttempt === 0) return cleanHost(deps, ctx, address);
      if (ctx.recoveryAttempt > 0 || fault.disposition === 'permanent')
        return { outcome: 'give-up', reason: fault.message };
      await makeFolders(ctx);
      return { outcome: 'acted', action: `reconnected to ${address.host}` };
    },
    evidence: (ctx) => hostEvidence(deps, ctx, address),
  };
}
