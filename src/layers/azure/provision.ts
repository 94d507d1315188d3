import { isBeingDeleted } from '../../azure/being-deleted.js';
import { TAG_NAMES, tagValue } from '../../azure/tags.js';
import { waitForAzure } from '../../azure/wait-for-azure.js';
import type { AzureOutput } from '../io.js';
import type { LayerContext, LayerStatus } from '../layer.js';
import type { WorkerPlan } from '../worker-plan.js';
import { workerTags } from '../worker-tags.js';
import { callerCidrOf, notOurs } from './check.js';
import type { AzureLayerDeps } from './deps.js';

/** A group delete takes three to eight minutes; Azure asks for 15 s between looks. */
const GONE_EVERY_MS = 15_000;

type Acting = Omit<AzureLayerDeps, 'plan'>;

/** Makes or corrects group, network and the rule for our address. Raises AZURE_NOT_OURS before touching anything. */
export async function provisionAzure(
  deps: Acting,
  ctx: LayerContext,
  plan: WorkerPlan,
  _seen: LayerStatus<AzureOutput>,
): Promise<void> {
  const { retry, deadline } = ctx;
  const look = () => retry('arm', (own) => deps.arm.getResourceGroup(plan.resourceGroup, own), { deadline });
  let group = await look();
  if (group && isBeingDeleted(group)) {
    await waitUntilGone(deps, ctx, plan);
    group = undefined;
  }
  const foreign = group && notOurs(group, plan);
  if (foreign) throw foreign;
  const tags = workerTags(plan);
  const isNew = !group;
  if (!group || tagValue(group.tags, TAG_NAMES.created) === undefined) {
    ctx.report({ phase: `creating resource group ${plan.resourceGroup}` });
    // A group keeps its region for ever; an existing one is only given its tags.
    const region = group?.region ?? plan.region;
    await retry(
      'arm',
      (own) => deps.arm.putResourceGroup(plan.resourceGroup, region, { ...tags, ...group?.tags }, own),
      { deadline },
    );
  }
  // The address needs only the group: it is made beside the network, not after it.
  await Promise.all([openNetwork(deps, ctx, plan), isNew ? makeAddress(deps, ctx, plan) : undefined]);
}

function makeAddress({ arm }: Acting, { retry, deadline }: LayerContext, plan: WorkerPlan): Promise<void> {
  const { resourceGroup, region, vmName: name } = plan;
  const spec = { resourceGroup, region, name, tags: workerTags(plan) };
  return retry('arm', (own) => arm.putPublicAddress(spec, own), { deadline });
}

/** Network and rule for the address we have now. */
export async function openNetwork(deps: Acting, ctx: LayerContext, plan: WorkerPlan): Promise<string> {
  const { retry, deadline } = ctx;
  const callerCidr = await retry('callerAddress', (own) => callerCidrOf(deps, own), { deadline });
  ctx.report({ phase: `network with port 22 open from ${callerCidr}` });
  const spec = { resourceGroup: plan.resourceGroup, region: plan.region, tags: workerTags(plan), callerCidr };
  await retry('arm', (own) => deps.arm.putNetwork(spec, own), { deadline });
  return callerCidr;
}

/** Waits for the end of a delete that somebody began, so that the name can be used again. */
export function waitUntilGone(deps: Pick<AzureLayerDeps, 'arm'>, ctx: LayerContext, plan: WorkerPlan): Promise<true> {
  return waitForAzure<true>(
    async (own) => {
      const group = await deps.arm.getResourceGroup(plan.resourceGroup, own);
      if (!group) return { ok: true, value: true };
      return { ok: false, saw: `resource group ${group.name} is ${group.provisioningState}` };
    },
    {
      what: `the end of resource group ${plan.resourceGroup}`,
      clock: ctx.clock,
      deadline: ctx.deadline,
      everyMs: GONE_EVERY_MS,
      onObserve: (saw) => {
        ctx.report({ phase: saw });
      },
    },
  );
}
