import { runOperation } from '../../azure/run-operation.js';
import type { VirtualMachine, VmSpec } from '../../clients/arm/arm.js';
import { withDigest } from '../../config/image-reference.js';
import type { FailureCode } from '../../failures/catalogue/index.js';
import { asWaaError, fail, type WaaError } from '../../failures/waa-error.js';
import { Deadline } from '../../health/deadline.js';
import type { AzureOutput } from '../io.js';
import type { LayerContext } from '../layer.js';
import { meetFault } from '../meet-fault.js';
import { workerTags } from '../worker-tags.js';
import { renderCloudInit } from './cloud-init.js';
import { CREATE_TOKEN, DATA_LUN, type VmLayerDeps } from './deps.js';
import { findVm, isVmAtWork } from './find-vm.js';
import { blameMissingImage } from './missing-image.js';

/** Another size or zone may do where this one cannot be had. */
const TRY_ANOTHER: ReadonlySet<FailureCode> = new Set([
  'AZURE_SIZE_UNAVAILABLE',
  'AZURE_SIZE_UNKNOWN',
  'AZURE_ALLOCATION_FAILED',
  'AZURE_SPOT_REFUSED',
  'AZURE_QUOTA_EXCEEDED',
]);

/** These are said of a size whatever the zone. */
const SIZE_REFUSED: ReadonlySet<FailureCode> = new Set([
  'AZURE_SIZE_UNKNOWN',
  'AZURE_SPOT_REFUSED',
  'AZURE_QUOTA_EXCEEDED',
]);

/** Waiting for capacity of this size costs minutes; another size or zone may be there now. */
export const unlessElsewhere = (error: WaaError): boolean =>
  error.disposition === 'transient' && !TRY_ANOTHER.has(error.code);

/** What is asked for: a size, bound to a zone or wherever Azure has it. */
type Candidate = Pick<VmSpec, 'size' | 'zone'>;

const nameOf = ({ size, zone }: Candidate): string => (zone === undefined ? size : `${size} in zone ${zone}`);

/** The specification of the worker's VM as this candidate. */
export async function vmSpec(
  { plan, bootScripts }: VmLayerDeps,
  input: AzureOutput,
  { size, zone }: Candidate,
): Promise<VmSpec> {
  const { golden } = plan;
  const { azure, ssh, image } = plan.config;
  const customData = renderCloudInit({
    user: ssh.user,
    lun: DATA_LUN,
    dataDirectory: plan.dataDirectory,
    // A golden disk has it: the docker layer looks, and pulls only what is missing.
    image: golden ? undefined : withDigest(image.reference, image.digest),
    scripts: await bootScripts(),
  });
  return {
    resourceGroup: plan.resourceGroup,
    region: input.region,
    name: plan.vmName,
    size,
    zone,
    subnetId: input.subnetId,
    nsgId: input.nsgId,
    adminUser: ssh.user,
    sshPublicKey: plan.sshPublicKey,
    osDiskGb: azure.osDiskGb,
    dataDiskGb: azure.dataDiskGb,
    dataSnapshotId: golden?.snapshotId,
    customData,
    tags: workerTags(plan),
    spot: azure.spot,
  };
}

/**
 * Makes the VM as the first candidate that can be had: the planned size in each zone, then the fallbacks in their order.
 * An operation that an earlier process began is continued. Every refusal is told with its reason. Raises
 * VM_NO_SIZE_AVAILABLE when none can be had, OWN_IMAGE_UNKNOWN where its golden image was deleted, otherwise Azure's failure.
 */
export async function createVm(deps: VmLayerDeps, ctx: LayerContext, input: AzureOutput): Promise<void> {
  const { plan, arm } = deps;
  const sizes = [...new Set([plan.vmSize, ...plan.config.azure.vmSizeFallbacks])];
  const zones: readonly (string | undefined)[] = plan.zones ?? [undefined];
  const candidates = sizes.flatMap((size) => zones.map((zone): Candidate => ({ size, zone })));
  const refusals: { readonly candidate: Candidate; readonly failure: WaaError }[] = [];
  const gotRound: ((action: string) => void)[] = [];
  for (const candidate of candidates) {
    const { size } = candidate;
    if (refusals.some((refusal) => refusal.candidate.size === size && SIZE_REFUSED.has(refusal.failure.code))) continue;
    ctx.report({ phase: `creating VM ${plan.vmName} (${nameOf(candidate)})` });
    const spec = await vmSpec(deps, input, candidate);
    try {
      const begin = (own: Deadline) => arm.beginCreateVm(spec, own);
      const step = { name: CREATE_TOKEN, begin, onAccepted: () => guardNewVm(deps, ctx), isRetryable: unlessElsewhere };
      await runOperation({ ...ctx, arm }, step, ctx.deadline);
      for (const tell of gotRound) tell(`${nameOf(candidate)} instead`);
      return;
    } catch (error) {
      const failure = asWaaError(error);
      if (ctx.deadline.signal.aborted) throw error;
      if (!TRY_ANOTHER.has(failure.code)) throw await blameMissingImage(deps, ctx, failure);
      refusals.push({ candidate, failure });
      gotRound.push(meetFault(ctx, 'azure', failure));
      await removeFailedVm(deps, ctx);
    }
  }
  throw nothingLeft(deps, input, refusals);
}

/** Who stops waa waits so long for the end of the billing to be set. */
const LAST_GUARD_MS = 10_000;

/**
 * A VM whose billing nothing would end is not kept: nothing is on it yet. Raises VM_UNGUARDED. Whoever stops waa in between
 * leaves a VM that runs: its end is set all the same.
 */
async function guardNewVm({ arm, guard, plan }: VmLayerDeps, ctx: LayerContext): Promise<void> {
  try {
    await guard(ctx);
  } catch (error) {
    if (ctx.deadline.signal.aborted) {
      using deadline = Deadline.after(LAST_GUARD_MS, ctx.clock);
      await guard({ ...ctx, deadline }).catch(() => {
        const text = `nothing ends the billing of ${plan.vmName} yet: waa up --resume, or waa down`;
        ctx.emit('log', { component: 'vm' }, text, { level: 'warn' });
      });
      throw error;
    }
    await ctx.retry('arm', (own) => arm.beginDeleteVm(plan.resourceGroup, plan.vmName, own), ctx);
    throw fail('VM_UNGUARDED', { vm: plan.vmName, reason: asWaaError(error).message }, { cause: error });
  }
}

/** When every candidate failed for want of quota, that reason says more than ours. */
function nothingLeft(
  { plan }: VmLayerDeps,
  input: AzureOutput,
  refusals: readonly { readonly candidate: Candidate; readonly failure: WaaError }[],
): WaaError {
  const [first] = refusals;
  if (first && refusals.every(({ failure }) => failure.code === 'AZURE_QUOTA_EXCEEDED')) return first.failure;
  const regions = plan.config.azure.regionFallbacks.filter((region) => region !== input.region).join(', ');
  const tried = refusals.map(({ candidate }) => nameOf(candidate)).join(', ');
  const text = refusals.map(({ candidate, failure }) => `${nameOf(candidate)}: ${failure.message}`).join('\n');
  return fail(
    'VM_NO_SIZE_AVAILABLE',
    { region: input.region, tried, regions },
    { cause: refusals.at(-1)?.failure, evidence: [{ title: 'why each was refused', text }] },
  );
}

/** A VM whose creation failed never ran: it is removed, since Azure changes no size of a failed VM reliably. */
async function removeFailedVm(deps: VmLayerDeps, ctx: LayerContext): Promise<void> {
  const left: VirtualMachine | undefined = await findVm(deps, ctx);
  if (!left || left.provisioningState === 'Succeeded' || left.power === 'running') return;
  await removeVm(deps, ctx);
}

/** Deletes the worker's VM; its interface, address and disks go with it. */
export async function removeVm(deps: VmLayerDeps, ctx: LayerContext): Promise<void> {
  const { arm, plan } = deps;
  const begin = (own: Deadline) => arm.beginDeleteVm(plan.resourceGroup, plan.vmName, own);
  await runOperation({ ...ctx, arm }, { name: 'vm-remove', begin, isUnderWay: isVmAtWork(deps) }, ctx.deadline);
}
