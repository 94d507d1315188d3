import { isBeingDeleted } from '../../azure/being-deleted.js';
import { foreignBecause, TAG_NAMES, tagValue } from '../../azure/tags.js';
import type { Network, ResourceGroup } from '../../clients/arm/arm.js';
import { asWaaError, fail, type WaaError } from '../../failures/waa-error.js';
import type { AzureOutput } from '../io.js';
import type { LayerContext, LayerStatus } from '../layer.js';
import type { WorkerPlan } from '../worker-plan.js';
import type { AzureLayerDeps } from './deps.js';

type Looking = Omit<AzureLayerDeps, 'plan'>;

/** Looks at subscription, group, network and rule. One transient failure is repeated under the `arm` policy. */
export async function checkAzure(
  deps: Looking,
  ctx: LayerContext,
  plan: WorkerPlan,
): Promise<LayerStatus<AzureOutput>> {
  try {
    const { retry, deadline } = ctx;
    const [subscription, group, network, callerCidr] = await Promise.all([
      retry('arm', (own) => deps.arm.subscription(own), { deadline }),
      retry('arm', (own) => deps.arm.getResourceGroup(plan.resourceGroup, own), { deadline }),
      retry('arm', (own) => deps.arm.getNetwork(plan.resourceGroup, own), { deadline }),
      retry('callerAddress', (own) => callerCidrOf(deps, own), { deadline }),
    ]);
    if (!group) return { state: 'absent', detail: `no resource group ${plan.resourceGroup}` };
    // Whosever it was: the name is free when it is gone.
    if (isBeingDeleted(group))
      return { state: 'in-progress', progress: { phase: `resource group ${group.name} is being deleted` } };
    const foreign = notOurs(group, plan);
    if (foreign) return { state: 'unhealthy', fault: foreign };
    const differences = differencesOf(network, callerCidr);
    if (!network || differences.length > 0) return { state: 'drifted', differences };
    return {
      state: 'ready',
      output: {
        subscriptionId: subscription.id,
        resourceGroup: group.name,
        region: plan.region,
        subnetId: network.subnetId,
        nsgId: network.nsgId,
        callerCidr,
      },
      identity: `${network.vnetId.toLowerCase()}@${tagValue(group.tags, TAG_NAMES.created) ?? ''}`,
      detail: `port 22 open from ${callerCidr}`,
    };
  } catch (error) {
    return { state: 'unknown', fault: asWaaError(error) };
  }
}

/** The only source we let in. */
export async function callerCidrOf(
  deps: Pick<AzureLayerDeps, 'callerAddress'>,
  deadline: LayerContext['deadline'],
): Promise<string> {
  return `${await deps.callerAddress.publicIpv4(deadline)}/32`;
}

/** The failure of touching a group that is somebody else's, or undefined when it is ours. */
export function notOurs(
  group: ResourceGroup,
  { deployment, owner, createdAt }: Pick<WorkerPlan, 'deployment' | 'owner' | 'createdAt'>,
): WaaError | undefined {
  const foreign = foreignBecause(group.tags, { deployment, owner, createdAt });
  return foreign === undefined ? undefined : fail('AZURE_NOT_OURS', { group: group.name, owner: foreign });
}

function differencesOf(network: Network | undefined, callerCidr: string): readonly string[] {
  if (!network) return ['the network is missing or incomplete'];
  const sources = network.sshSources.map(normalCidr);
  const differences: string[] = [];
  if (!sources.includes(callerCidr)) {
    differences.push(`port 22 is open from ${sources.join(', ') || 'nowhere'}, but our address is ${callerCidr}`);
  }
  const foreign = sources.filter((source) => source !== callerCidr);
  if (sources.includes(callerCidr) && foreign.length > 0)
    differences.push(`port 22 is also open from ${foreign.join(', ')}`);
  if (network.otherInbound.length > 0) differences.push(`the network also lets in ${network.otherInbound.join('; ')}`);
  return differences;
}

/** Azure gives a single address back with or without its /32. */
function normalCidr(source: string): string {
  return /^\d+\.\d+\.\d+\.\d+$/.test(source) ? `${source}/32` : source;
}
