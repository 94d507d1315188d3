import { waitForAzure } from '../../azure/wait-for-azure.js';
import type { FailureCode } from '../../failures/catalogue/index.js';
import type { WaaError } from '../../failures/waa-error.js';
import type { LayerContext, Recovery } from '../layer.js';
import { waitALittle } from '../wait-a-little.js';
import type { WorkerPlan } from '../worker-plan.js';
import type { AzureLayerDeps } from './deps.js';
import { openNetwork, waitUntilGone } from './provision.js';

/** A registration takes a minute or two. */
const REGISTERED_EVERY_MS = 10_000;

type Acting = Omit<AzureLayerDeps, 'plan'>;
type Rung = (deps: Acting, ctx: LayerContext, plan: WorkerPlan, fault: WaaError) => Promise<Recovery>;

const openAgain: Rung = async (deps, ctx, plan) => {
  const callerCidr = await openNetwork(deps, ctx, plan);
  return { outcome: 'acted', action: `port 22 opened from ${callerCidr}` };
};

const pause: Rung = (_deps, ctx, _plan, fault) => waitALittle(ctx, fault);

/** What is done about a fault. Codes that stand here: everything a person would do first, and only what destroys nothing. */
const RUNGS: Partial<Record<FailureCode, Rung>> = {
  AZURE_PROVIDER_NOT_REGISTERED: async (deps, ctx, _plan, fault) => {
    const namespace = String(fault.params['namespace']);
    await registerAndWait(deps, ctx, namespace);
    return { outcome: 'acted', action: `registered ${namespace}` };
  },
  AZURE_GROUP_BEING_DELETED: async (deps, ctx, plan) => {
    await waitUntilGone(deps, ctx, plan);
    return { outcome: 'acted', action: 'waited for the end of the old resource group' };
  },
  AZURE_PORT_OPEN_TO_WORLD: openAgain,
  AZURE_PORT_CLOSED_TO_US: openAgain,
  AZURE_NOT_FOUND: openAgain,
  AZURE_NOT_READY: openAgain,
};

/** One rung for a fault of this layer. */
export async function recoverAzure(
  deps: Acting,
  ctx: LayerContext,
  plan: WorkerPlan,
  fault: WaaError,
): Promise<Recovery> {
  const rung = RUNGS[fault.code] ?? (fault.disposition === 'permanent' ? undefined : pause);
  if (!rung) return { outcome: 'give-up' };
  return rung(deps, ctx, plan, fault);
}

async function registerAndWait(deps: Acting, ctx: LayerContext, namespace: string): Promise<void> {
  const { retry, deadline, clock } = ctx;
  await retry('arm', (own) => deps.arm.registerProvider(namespace, own), { deadline });
  await waitForAzure<true>(
    async (own) => {
      const state = await deps.arm.providerState(namespace, own);
      return state === 'Registered' ? { ok: true, value: true } : { ok: false, saw: `${namespace} is ${state}` };
    },
    {
      what: `registration of ${namespace}`,
      clock,
      deadline,
      everyMs: REGISTERED_EVERY_MS,
    },
  );
}
