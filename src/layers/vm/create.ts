import type { VirtualMachine, VmSpec } from '../../clients/arm/arm.js';
import type { FailureCode } from '../../failures/catalogue/index.js';
import { asWaaError, fail, type WaaError } from '../../failures/waa-error.js';
import type { AzureOutput } from '../io.js';
import type { LayerContext } from '../layer.js';
import { meetFault } from '../meet-fault.js';
import { workerTags } from '../worker-tags.js';
import { renderCloudInit } from './cloud-init.js';
import { DATA_LUN, type VmLayerDeps } from './deps.js';
import { findVm } from './find-vm.js';
import { CREATE_TOKEN, operate } from './operate.js';

/** Another size may do where this one cannot be had. */
const TRY_ANOTHER_SIZE: ReadonlySet<FailureCode> = new Set([
  'AZURE_SIZE_UNAVAILABLE',
  'AZURE_SIZE_UNKNOWN',
  'AZURE_ALLOCATION_FAILED',
  'AZURE_SPOT_REFUSED',
  'AZURE_QUOTA_EXCEEDED',
]);

/** The specification of the worker's VM in this size. */
export async function vmSpec({ plan, bootScripts }: VmLayerDeps, input: AzureOutput, size: string): Promise<VmSpec> {
  const { azure, ssh, image } = plan.config;
  const customData = renderCloudInit({
    user: ssh.user,
    lun: DATA_LUN,
    dataDirectory: plan.dataDirectory,
    image: image.digest === undefined ? image.reference : `${image.reference}@${image.digest}`,
    scripts: await bootScripts(),
  });
  return {
    resourceGroup: plan.resourceGroup,
    region: input.region,
    name: plan.vmName,
    size,
    subnetId: input.subnetId,
    nsgId: input.nsgId,
    adminUser: ssh.user,
    sshPublicKey: plan.sshPublicKey,
    osDiskGb: azure.osDiskGb,
    dataDiskGb: azure.dataDiskGb,
    customData,
    tags: workerTags(plan),
    spot: azure.spot,
  };
}

/**
 * Makes the VM in the first size that can be had: the planned one, then the fallbacks in their order. An operation that
 * an earlier process began is continued. Raises VM_NO_SIZE_AVAILABLE when none can be had, otherwise Azure's failure.
 */
export async function createVm(deps: VmLayerDeps, ctx: LayerContext, input: AzureOutput): Promise<void> {
  const { plan, arm } = deps;
  const sizes = [...new Set([plan.vmSize, ...plan.config.azure.vmSizeFallbacks])];
  const refusals: WaaError[] = [];
  const gotRound: ((action: string) => void)[] = [];
  for (const size of sizes) {
    ctx.report({ phase: `creating VM ${plan.vmName} (${size})` });
    const spec = await vmSpec(deps, input, size);
    try {
      await operate(arm, ctx, {
        name: CREATE_TOKEN,
        begin: (own) => arm.beginCreateVm(spec, own),
        onAccepted: () => guardNewVm(deps, ctx),
        // Waiting for capacity of this size costs minutes; the next size may be there now.
        isRetryable: (error) => error.disposition === 'transient' && !TRY_ANOTHER_SIZE.has(error.code),
      });
      for (const tell of gotRound) tell(`${size} instead`);
      return;
    } catch (error) {
      const failure = asWaaError(error);
      if (ctx.deadline.signal.aborted || !TRY_ANOTHER_SIZE.has(failure.code)) throw error;
      refusals.push(failure);
      gotRound.push(meetFault(ctx, 'azure', failure));
      await removeFailedVm(deps, ctx);
    }
  }
  throw nothingLeft(deps, input, sizes, refusals);
}

/** A VM whose billing nothing would end is not kept: nothing is on it yet. Raises VM_UNGUARDED. */
async function guardNewVm({ arm, guard, plan }: VmLayerDeps, ctx: LayerContext): Promise<void> {
  try {
    await guard(ctx);
  } catch (error) {
    if (ctx.deadline.signal.aborted) throw error;
    await ctx.retry('arm', (own) => arm.beginDeleteVm(plan.resourceGroup, plan.vmName, own), ctx);
    throw fail('VM_UNGUARDED', { vm: plan.vmName, reason: asWaaError(error).message }, { cause: error });
  }
}

/** When every size failed for the same reason, that reason says more than ours. */
function nothingLeft(
  { plan }: VmLayerDeps,
  input: AzureOutput,
  sizes: readonly string[],
  refusals: readonly WaaError[],
): WaaError {
  const [first] = refusals;
  if (first && refusals.every((refusal) => refusal.code === 'AZURE_QUOTA_EXCEEDED')) return first;
  const regions = plan.config.azure.regionFallbacks.filter((region) => region !== input.region).join(', ');
  return fail(
    'VM_NO_SIZE_AVAILABLE',
    { region: input.region, tried: sizes.join(', '), regions },
    { cause: refusals.at(-1) },
  );
}

/** A VM whose creation failed never ran: it is removed, since Azure changes no size of a failed VM reliably. */
async function removeFailedVm(deps: VmLayerDeps, ctx: LayerContext): Promise<void> {
  const { arm, plan } = deps;
  const left: VirtualMachine | undefined = await findVm(deps, ctx);
  if (!left || left.provisioningState === 'Succeeded' || left.power === 'running') return;
  await operate(arm, ctx, {
    name: 'vm-remove-failed',
    begin: (own) => arm.beginDeleteVm(plan.resourceGroup, plan.vmName, own),
  });
}
