import { runOperation } from '../../azure/run-operation.js';
import { isSettled } from '../../azure/vm-at-work.js';
import type { VirtualMachine } from '../../clients/arm/arm.js';
import { meetFault } from '../meet-fault.js';
import { asWaaError, fail } from '../../failures/waa-error.js';
import type { FailureCode } from '../../failures/catalogue/index.js';
import type { Deadline } from '../../health/deadline.js';
import type { AzureOutput } from '../io.js';
import type { LayerContext } from '../layer.js';
import { waitForFirstBoot, waitForSsh } from './bring-up.js';
import { createVm, removeVm, unlessElsewhere, vmSpec } from './create.js';
import { addressOf, CREATE_TOKEN, DATA_LUN, type VmLayerDeps } from './deps.js';
import { findVm, isVmAtWork, waitForVm } from './find-vm.js';
import { firstBootFault } from './look-at-host.js';

/**
 * Azure has no place for a VM that it deallocated, and may have one for another size. Quota is not among these: all spot
 * sizes of a region share one counter (`lowPriorityCores`), so a VM made anew would be refused as the old one was.
 */
const NO_ROOM: ReadonlySet<FailureCode> = new Set([
  'AZURE_ALLOCATION_FAILED',
  'AZURE_SIZE_UNAVAILABLE',
  'AZURE_SPOT_REFUSED',
]);

/**
 * Creates the VM or continues what somebody began, starts it, and waits for SSH and first boot. Repeating it changes
 * nothing that is right already.
 */
export async function provisionVm(deps: VmLayerDeps, ctx: LayerContext, input: AzureOutput): Promise<void> {
  const vm = await ensureRunning(deps, ctx, input);
  if (vm.publicIp === undefined) throw fail('VM_NO_ADDRESS', { vm: vm.name });
  const address = addressOf(deps.plan, vm.publicIp);
  ctx.report({ phase: `waiting for SSH on ${vm.publicIp}` });
  await waitForSsh(deps, ctx, address);
  const facts = await waitForFirstBoot(deps, ctx, address);
  const fault = firstBootFault(facts, address.host);
  if (fault) throw fault;
  const isMounted = facts.mounts.some((mount) => mount.path === deps.plan.dataDirectory);
  const link = await deps.links.open(address, ctx.deadline);
  if (!isMounted) {
    ctx.report({ phase: `preparing the data disk at ${deps.plan.dataDirectory}` });
    await deps.host.prepareDataDisk(link, DATA_LUN, deps.plan.dataDirectory, ctx.deadline);
  }
  // First boot put our user into the docker group; only a login after that has it.
  link.close();
}

/** The VM exists, has the right shape on Azure's side and power. */
async function ensureRunning(deps: VmLayerDeps, ctx: LayerContext, input: AzureOutput): Promise<VirtualMachine> {
  const { plan } = deps;
  let vm = await findVm(deps, ctx);
  if (vm?.provisioningState === 'Deleting')
    vm = await waitForVm(deps, ctx, `the end of the old VM ${vm.name}`, (seen) => !seen);
  if (!vm || ctx.memory.resumeToken(CREATE_TOKEN) !== undefined) {
    await createVm(deps, ctx, input);
    vm = await findVm(deps, ctx);
    if (!vm) {
      // The remembered creation had ended, and its VM was deleted since.
      await createVm(deps, ctx, input);
      vm = await findVm(deps, ctx);
    }
    // A new machine has a new host key, even where Azure gave it an address we knew.
    if (vm?.publicIp !== undefined) await deps.links.forget(addressOf(plan, vm.publicIp));
  } else if (!isSettled(vm)) {
    vm = await waitForVm(deps, ctx, `VM ${vm.name}`, (seen) => !seen || isSettled(seen));
  }
  if (vm && (!vm.deletesWithVm || vm.publicIp === undefined)) vm = await correct(deps, ctx, input, vm);
  if (!vm) throw fail('AZURE_NOT_FOUND', { what: `VM ${plan.vmName}`, azureCode: 'ResourceNotFound' });
  if (vm.power === 'running') return vm;
  await startOrReplace(deps, ctx, input, vm);
  const started = await findVm(deps, ctx);
  if (started?.power !== 'running') throw fail('VM_POWERED_OFF', { vm: vm.name, power: started?.power ?? 'gone' });
  return started;
}

/**
 * Starts it. A spot VM that Azure took back may find no room any more: it is made anew as whatever can be had. What it
 * had on its disks is gone then; results are home by the time that a task ends.
 */
async function startOrReplace(
  deps: VmLayerDeps,
  ctx: LayerContext,
  input: AzureOutput,
  vm: VirtualMachine,
): Promise<void> {
  try {
    await start(deps, ctx, vm);
  } catch (error) {
    const fault = asWaaError(error);
    if (!vm.spot || ctx.deadline.signal.aborted || !NO_ROOM.has(fault.code)) throw error;
    const gotRound = meetFault(ctx, 'azure', fault);
    await removeVm(deps, ctx);
    await createVm(deps, ctx, input);
    const made = await findVm(deps, ctx);
    if (made?.publicIp !== undefined) await deps.links.forget(addressOf(deps.plan, made.publicIp));
    gotRound(`${vm.name} was made anew (${made?.size ?? 'unknown'})`);
  }
}

/** The same specification again puts right what has drifted; size and region stay as they are. */
export async function correct(
  deps: VmLayerDeps,
  ctx: LayerContext,
  input: AzureOutput,
  vm: VirtualMachine,
): Promise<VirtualMachine | undefined> {
  ctx.report({ phase: `correcting VM ${vm.name}` });
  const { arm } = deps;
  const spec = await vmSpec(deps, input, vm);
  const begin = (own: Deadline) => arm.beginCreateVm(spec, own);
  await runOperation({ ...ctx, arm }, { name: 'vm-correct', begin, isUnderWay: isVmAtWork(deps) }, ctx.deadline);
  return findVm(deps, ctx);
}

/** Gives it power, once what runs against that has ended. */
export async function start(deps: VmLayerDeps, ctx: LayerContext, vm: VirtualMachine): Promise<void> {
  const { arm, plan } = deps;
  const isMoving = (seen: VirtualMachine | undefined): boolean =>
    seen?.power === 'stopping' || seen?.power === 'deallocating';
  if (isMoving(vm)) await waitForVm(deps, ctx, `VM ${vm.name} to be off`, (seen) => !isMoving(seen));
  ctx.report({ phase: `starting VM ${vm.name}` });
  await deps.guard(ctx);
  const begin = (own: Deadline) => arm.beginStartVm(plan.resourceGroup, plan.vmName, own);
  await runOperation(
    { ...ctx, arm },
    { name: 'vm-start', begin, isUnderWay: isVmAtWork(deps), ...(vm.spot ? { isRetryable: unlessElsewhere } : {}) },
    ctx.deadline,
  );
}
