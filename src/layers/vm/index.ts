import type { AzureOutput, VmOutput } from '../io.js';
import type { Layer } from '../layer.js';
import { checkVm } from './check.js';
import type { VmLayerDeps } from './deps.js';
import { vmEvidence } from './evidence.js';
import { provisionVm } from './provision.js';
import { recoverVm } from './recover.js';

export type { VmLayerDeps } from './deps.js';

/** Requirement A2: a running VM of ours that answers SSH, with first boot over, KVM working and the data disk mounted. */
export function createVmLayer(deps: VmLayerDeps): Layer<AzureOutput, VmOutput> {
  const { checkS, provisionS, recoverS } = deps.plan.config.timeouts.vm;
  return {
    id: 'vm',
    milestones: ['vm_created'],
    timeouts: { checkMs: checkS * 1000, provisionMs: provisionS * 1000, recoverMs: recoverS * 1000 },
    check: (ctx) => checkVm(deps, ctx),
    provision: (ctx, input) => provisionVm(deps, ctx, input),
    recover: (ctx, input, fault) => recoverVm(deps, ctx, input, fault),
    evidence: (ctx) => vmEvidence(deps, ctx),
  };
}
