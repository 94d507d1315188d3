import type { DockerOutput, QemuOutput } from '../io.js';
import { provenFault, type Layer } from '../layer.js';
import { layerTimeouts } from '../layer-timeouts.js';
import { checkQemu } from './check.js';
import type { QemuLayerDeps } from './deps.js';
import { collectEvidence } from './evidence.js';
import { provisionQemu } from './provision.js';
import { recoverQemu } from './recover.js';

export type { QemuLayerDeps } from './deps.js';

/** Requirement A4: the one container exactly as specified, QEMU running under KVM, NAT, its control socket answering. */
export function createQemuLayer(deps: QemuLayerDeps): Layer<DockerOutput, QemuOutput> {
  return {
    id: 'qemu',
    milestones: [],
    timeouts: layerTimeouts(deps.plan.config, 'qemu'),
    check: (ctx, input) => checkQemu(deps, ctx, input),
    provision: (ctx, input, seen) => provisionQemu(deps, ctx, input, seen),
    recover: (ctx, input, fault) => recoverQemu(deps, ctx, input, fault),
    watch: async (ctx, input) => provenFault(await checkQemu(deps, ctx, input)),
    evidence: (ctx, input) => collectEvidence(deps, ctx, input),
  };
}
