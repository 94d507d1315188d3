import { runOperation } from '../../azure/run-operation.js';
import type { FailureCode } from '../../failures/catalogue/index.js';
import type { WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { AzureOutput, HostAddress } from '../io.js';
import type { LayerContext, Recovery } from '../layer.js';
import { waitALittle } from '../wait-a-little.js';
import { waitForSsh } from './bring-up.js';
import { addressOf, DATA_LUN, type HostDeps, type VmLayerDeps } from './deps.js';
import { findVm, isVmAtWork } from './find-vm.js';
import { correct, start } from './provision.js';

/** sshd has been seen minutes late; a machine that is silent for longer is restarted instead. */
const RECONNECT_MS = 240_000;
/** Linux is up a minute after a restart; three leave room for a check of its disks. */
const AFTER_RESTART_MS = 180_000;

interface Rung {
  readonly deps: VmLayerDeps;
  readonly ctx: LayerContext;
  readonly input: AzureOutput;
  readonly fault: WaaError;
}
type Step = (rung: Rung) => Promise<Recovery>;

const acted = (action: string): Recovery => ({ outcome: 'acted', action });

async function addressNow({ deps, ctx }: Rung): Promise<HostAddress | undefined> {
  const vm = await findVm(deps, ctx);
  return vm?.publicIp === undefined ? undefined : addressOf(deps.plan, vm.publicIp);
}

const reconnect: Step = async (rung) => {
  const address = await addressNow(rung);
  if (!address) return { outcome: 'nothing-to-do' };
  await waitForSsh(rung.deps, rung.ctx, address, RECONNECT_MS);
  return acted(`reconnected to ${address.host}`);
};

const restart: Step = async (rung) => {
  const { deps, ctx } = rung;
  const { arm, plan } = deps;
  const { resourceGroup, vmName } = plan;
  ctx.report({ phase: `restarting VM ${vmName}` });
  deps.links.hangUp();
  const begin = (own: Deadline) => arm.beginRestartVm(resourceGroup, vmName, own);
  await runOperation({ ...ctx, arm }, { name: 'vm-restart', begin, isUnderWay: isVmAtWork(deps) }, ctx.deadline);
  const address = await addressNow(rung);
  if (address) await waitForSsh(deps, ctx, address, AFTER_RESTART_MS);
  return acted(`restarted VM ${vmName}`);
};

/** Deallocating and starting places the VM on another host of Azure's. */
const moveHost: Step = async (rung) => {
  const { deps, ctx } = rung;
  const { arm, plan } = deps;
  const { resourceGroup, vmName } = plan;
  ctx.report({ phase: `moving VM ${vmName} to another host` });
  deps.links.hangUp();
  const begin = (own: Deadline) => arm.beginDeallocateVm(resourceGroup, vmName, own);
  await runOperation({ ...ctx, arm }, { name: 'vm-deallocate', begin, isUnderWay: isVmAtWork(deps) }, ctx.deadline);
  const vm = await findVm(deps, ctx);
  if (!vm) return { outcome: 'nothing-to-do' };
  await start(deps, ctx, vm);
  const address = await addressNow(rung);
  if (address) await waitForSsh(deps, ctx, address, AFTER_RESTART_MS);
  return acted(`moved VM ${vmName} to another host`);
};

/** What first boot should have done: data disk, Docker. */
const finishFirstBoot: Step = async (rung) => {
  const address = await addressNow(rung);
  if (!address) return { outcome: 'nothing-to-do' };
  return repairHost(rung.deps, rung.ctx, address);
};

const clean: Step = async (rung) => {
  const address = await addressNow(rung);
  if (!address) return { outcome: 'nothing-to-do' };
  return cleanHost(rung.deps, rung.ctx, address);
};

const repair: Step = async ({ deps, ctx, input }) => {
  const vm = await findVm(deps, ctx);
  if (!vm) return { outcome: 'nothing-to-do' };
  await correct(deps, ctx, input, vm);
  return acted(`repeated the set-up of VM ${vm.name}`);
};

const powerOn: Step = async ({ deps, ctx }) => {
  const vm = await findVm(deps, ctx);
  if (!vm || vm.power === 'running') return { outcome: 'nothing-to-do' };
  await start(deps, ctx, vm);
  return acted(`started VM ${vm.name}`);
};

const pause: Step = ({ ctx, fault }) => waitALittle(ctx, fault);

/** The ladder of each fault, lowest rung first; at its end the layer gives up. */
const LADDERS: Partial<Record<FailureCode, readonly Step[]>> = {
  VM_SSH_REFUSED: [reconnect, restart],
  VM_SSH_TIMEOUT: [reconnect, restart],
  VM_SSH_UNREACHABLE: [reconnect, reconnect],
  VM_SSH_DROPPED: [reconnect, restart],
  VM_SSH_BUSY: [reconnect, restart],
  VM_EXEC_TIMEOUT: [reconnect, restart],
  VM_STEP_TIMEOUT: [reconnect, restart],
  VM_SSH_NOT_UP: [restart, moveHost],
  VM_CLOUD_INIT_FAILED: [finishFirstBoot, finishFirstBoot],
  VM_CLOUD_INIT_TIMEOUT: [restart, finishFirstBoot],
  VM_DATA_DISK_UNMOUNTED: [finishFirstBoot, restart],
  VM_DATA_DISK_MISSING: [restart, repair],
  VM_HOST_SCRIPT_FAILED: [finishFirstBoot, restart],
  VM_DISK_SPACE: [clean],
  VM_KVM_UNUSABLE: [moveHost],
  VM_PROVISIONING_FAILED: [repair, restart],
  VM_NO_ADDRESS: [repair],
  VM_POWERED_OFF: [powerOn, powerOn],
};

/** One rung for a fault of this layer, chosen by its code and by how many were climbed before. */
export async function recoverVm(
  deps: VmLayerDeps,
  ctx: LayerContext,
  input: AzureOutput,
  fault: WaaError,
): Promise<Recovery> {
  const ladder = LADDERS[fault.code] ?? (fault.disposition === 'permanent' ? [] : [pause, pause]);
  const step = ladder[ctx.recoveryAttempt];
  if (!step) return { outcome: 'give-up' };
  return step({ deps, ctx, input, fault });
}

/** Data disk and Docker as first boot makes them. */
async function repairHost(deps: HostDeps, ctx: LayerContext, address: HostAddress): Promise<Recovery> {
  const { host, links, plan } = deps;
  const link = await links.open(address, ctx.deadline);
  ctx.report({ phase: `preparing the data disk at ${plan.dataDirectory}` });
  await host.prepareDataDisk(link, DATA_LUN, plan.dataDirectory, ctx.deadline);
  ctx.report({ phase: 'installing Docker' });
  await host.installDocker(link, `${plan.dataDirectory}/docker`, ctx.deadline);
  // The docker group counts from the next login on.
  link.close();
  return acted('data disk and Docker set up');
}

/** Frees space; when there was none to free, another try is pointless. */
export async function cleanHost(deps: HostDeps, ctx: LayerContext, address: HostAddress): Promise<Recovery> {
  const link = await deps.links.open(address, ctx.deadline);
  const freed = await deps.host.cleanDisks(link, ctx.deadline);
  if (freed === 0) return { outcome: 'give-up', reason: 'nothing was left to clean' };
  return acted(`freed ${(freed / 1024 ** 3).toFixed(1)} GB`);
}
