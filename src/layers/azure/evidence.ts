import { asWaaError, type Evidence } from '../../failures/waa-error.js';
import type { LayerContext } from '../layer.js';
import type { WorkerPlan } from '../worker-plan.js';
import type { AzureLayerDeps } from './index.js';

/** What stands in the group and how the rule reads: the first two things anybody would look at. */
export async function collectEvidence(
  { arm }: Pick<AzureLayerDeps, 'arm'>,
  ctx: LayerContext,
  plan: WorkerPlan,
): Promise<readonly Evidence[]> {
  const part = async (title: string, read: () => Promise<string>): Promise<Evidence> => {
    try {
      return { title, text: await read() };
    } catch (error) {
      return { title, text: `could not be read: ${asWaaError(error).message}` };
    }
  };
  return Promise.all([
    part(`resources of ${plan.resourceGroup}`, async () => {
      const rows = await arm.listResources(plan.resourceGroup, ctx.deadline);
      return rows.map((row) => `${row.type} ${row.name}`).join('\n') || 'none';
    }),
    part('sources allowed to port 22', async () => {
      const network = await arm.getNetwork(plan.resourceGroup, ctx.deadline);
      return network?.sshSources.join(', ') ?? 'no network';
    }),
  ]);
}
