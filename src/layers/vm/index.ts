import type { AzureOutput, VmOutput } from '../io.js';
import type { Layer } from '../layer.js';
import { layerTimeouts } from '../layer-timeouts.js';
import { checkVm } from './check.js';
import type { VmLayerDeps } from './deps.js';
import { vmEvidence } from './evidence.js';
import { provisionVm } from './provision.js';
import { recoverVm } from './recover.js';

export type { HostDeps, VmLayerDeps } from './deps.js';
export { createHostLayer } from './host-layer.js';

/** Requirement A2: a running VM of ours that answers SSH, with first boot over, KVM working and the data disk mounted. */
export function createVmLayer(deps: VmLayerDeps): Layer<AzureOutput, VmOutput> {
  return {
    id: 'vm',
    milestones: ['vm_created'],
    timeouts: layerTimeouts(deps.plan.config, 'vm'),
    check: (ctx) => checkVm(deps, ctx),
    provision: (ctx, input) => provisionVm(deps, ctx, input),
    recover: (ctx, input, fault) => recoverVm(deps, ctx, input, fault),
    evidence: (ctx) => vmEvidence(deps, ctx),
  };
}
