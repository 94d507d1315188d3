import type { AzureLayerDeps } from './deps.js';
import type { AzureOutput } from '../io.js';
import type { Layer } from '../layer.js';
import { layerTimeouts } from '../layer-timeouts.js';
import type { WorkerPlan } from '../worker-plan.js';
import { checkAzure } from './check.js';
import { collectEvidence } from './evidence.js';
import { provisionAzure } from './provision.js';
import { recoverAzure } from './recover.js';

/** Requirement A1: login, resource group with our tags, network, port 22 open from the caller's address only. */
export function createAzureLayer(deps: AzureLayerDeps): Layer<WorkerPlan, AzureOutput> {
  return {
    id: 'azure',
    milestones: [],
    timeouts: layerTimeouts(deps.plan.config, 'azure'),
    check: (ctx, plan) => checkAzure(deps, ctx, plan),
    provision: (ctx, plan, seen) => provisionAzure(deps, ctx, plan, seen),
    recover: (ctx, plan, fault) => recoverAzure(deps, ctx, plan, fault),
    evidence: (ctx, plan) => collectEvidence(deps, ctx, plan),
  };
}
