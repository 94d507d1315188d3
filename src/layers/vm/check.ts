import type { VirtualMachine } from '../../clients/arm/arm.js';
import type { FailureCode } from '../../failures/catalogue/index.js';
import { asWaaError, fail } from '../../failures/waa-error.js';
import type { VmOutput } from '../io.js';
import type { LayerContext, LayerStatus } from '../layer.js';
import { REFUSAL_NAMED_MS } from './bring-up.js';
import { addressOf, type VmLayerDeps } from './deps.js';
import { lookAtHost } from './look-at-host.js';
import { findVm } from './find-vm.js';

/** Requirement A2, from the outside in: what Azure says of the VM first, then what its Linux says. */
export async function checkVm(deps: VmLayerDeps, ctx: LayerContext): Promise<LayerStatus<VmOutput>> {
  const { plan } = deps;
  let vm: VirtualMachine | undefined;
  try {
    vm = await findVm(deps, ctx);
  } catch (error) {
    if (ctx.deadline.signal.aborted && !ctx.deadline.expired) throw error;
    return { state: 'unknown', fault: asWaaError(error) };
  }
  if (!vm) return { state: 'absent' };
  const seen = azureSide(vm);
  if (seen) return seen;
  if (vm.publicIp === undefined) return { state: 'drifted', differences: ['it has no public address'] };
  const looked = await lookAtHost(deps, ctx, addressOf(plan, vm.publicIp), { dataDisk: true, cloudInit: true });
  return looked.state === 'unhealthy' && SILENT.has(looked.fault.code) && isJustStarted(vm, ctx)
    ? { state: 'in-progress', progress: { phase: `VM ${vm.name} boots` } }
    : looked;
}

/** What a VM does for 15 to 40 s after Azure has called it running. */
const SILENT: ReadonlySet<FailureCode> = new Set(['VM_SSH_REFUSED', 'VM_SSH_TIMEOUT']);

/** Who is silent for longer has something wrong. Azure's time and ours may differ by some seconds. */
const isJustStarted = ({ changedAtMs = 0 }: VirtualMachine, { clock }: LayerContext): boolean =>
  Math.abs(clock.now() - changedAtMs) < REFUSAL_NAMED_MS;

/** What is not as it should be on Azure's side; undefined when the VM runs as we made it. */
function azureSide(vm: VirtualMachine): LayerStatus<VmOutput> | undefined {
  const state = vm.provisioningState;
  if (state === 'Creating' || state === 'Updating' || state === 'Migrating' || state === 'Deleting') {
    return { state: 'in-progress', progress: { phase: `Azure is ${state.toLowerCase()} VM ${vm.name}` } };
  }
  // Azure leaves the type out where it is Standard.
  if (vm.securityType !== undefined && vm.securityType !== 'Standard') {
    return { state: 'unhealthy', fault: fail('VM_SECURITY_TYPE', { vm: vm.name, securityType: vm.securityType }) };
  }
  // One that is off is started, which heals it or says why it failed: after a start that found no room it is like this.
  const isOff = vm.power === 'deallocated' || vm.power === 'stopped';
  if (!isOff && (state === 'Failed' || state === 'Canceled')) {
    return { state: 'unhealthy', fault: fail('VM_PROVISIONING_FAILED', { vm: vm.name, state }) };
  }
  const differences = [
    ...(vm.deletesWithVm ? [] : ['its NIC and disks would outlive it']),
    ...(vm.power === 'running' || vm.power === 'starting' ? [] : [`it is ${vm.power}`]),
  ];
  if (differences.length > 0) return { state: 'drifted', differences };
  if (vm.power === 'starting') return { state: 'in-progress', progress: { phase: `VM ${vm.name} is starting` } };
  return undefined;
}
