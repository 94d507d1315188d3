import { operationNotAllowed } from './arm-error.js';
import type { VirtualMachine } from './model.js';
import type { AzureState } from './state.js';
import { findById } from './state.js';
import { deleteVm } from './virtual-machines.js';
import { deallocateVm } from './vm-power.js';

/** From the request to the notice. */
const untilNoticeMs = 30_000;
/** https://learn.microsoft.com/azure/virtual-machines/linux/scheduled-events: at least so long before a Preempt. */
const leastNoticeMs = 30_000;

/**
 * POST simulateEviction: half a minute later the scheduled events of the spot VM tell it, and `noticeMs` after that it is
 * deallocated or deleted, as its policy says.
 */
export function simulateEviction(state: AzureState, vm: VirtualMachine, noticeMs: number = leastNoticeMs): void {
  if (vm.priority !== 'Spot')
    throw operationNotAllowed("Operation 'simulateEviction' is allowed on spot Virtual Machines only.");
  const { simulation } = state;
  const isThere = (): boolean => findById(state, vm.id) === vm && vm.provisioningState !== 'Deleting' && vm.allocated;
  simulation.after(untilNoticeMs, () => {
    const { machine } = vm;
    if (!isThere() || !machine) return;
    const event = { id: simulation.randomGuid(), type: 'Preempt' as const, notBefore: simulation.now + noticeMs };
    machine.scheduledEvents = [event];
  });
  simulation.after(untilNoticeMs + noticeMs, () => {
    if (vm.machine) vm.machine.scheduledEvents = [];
    if (!isThere()) return;
    if (vm.evictionPolicy === 'Delete') deleteVm(state, vm, true);
    else deallocateVm(state, vm, false);
  });
}
