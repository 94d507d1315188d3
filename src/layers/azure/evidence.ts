import type { Evidence } from '../../failures/waa-error.js';
import type { LayerContext } from '../layer.js';
import { tryEvidence } from '../try-evidence.js';
import type { WorkerPlan } from '../worker-plan.js';
import type { AzureLayerDeps } from './deps.js';

/** What stands in the group and how the rule reads: the first two things anybody would look at. */
export async function collectEvidence(
  { arm }: Pick<AzureLayerDeps, 'arm'>,
  ctx: LayerContext,
  plan: WorkerPlan,
): Promise<readonly Evidence[]> {
  return Promise.all([
    tryEvidence(`resources of ${plan.resourceGroup}`, async () => {
      const rows = await arm.listResources(plan.resourceGroup, ctx.deadline);
      return rows.map((row) => `${row.type} ${row.name}`).join('\n') || 'none';
    }),
    tryEvidence('sources allowed to port 22', async () => {
      const network = await arm.getNetwork(plan.resourceGroup, ctx.deadline);
      return network?.sshSources.join(', ') ?? 'no network';
    }),
  ]);
}
