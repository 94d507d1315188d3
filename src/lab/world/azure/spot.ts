import { operationNotAllowed } from './arm-error.js';
import type { VirtualMachine } from './model.js';
import type { AzureState } from './state.js';
import { findById } from './state.js';
import { deleteVm } from './virtual-machines.js';
import { deallocateVm } from './vm-power.js';

const evictionMs = 60_000;
/** https://learn.microsoft.com/azure/virtual-machines/linux/scheduled-events: at least so long before a Preempt. */
const noticeMs = 30_000;

/**
 * POST simulateEviction: a minute later the spot VM is deallocated or deleted, as its policy says; its scheduled events
 * tell half a minute before.
 */
export function simulateEviction(state: AzureState, vm: VirtualMachine): void {
  if (vm.priority !== 'Spot')
    throw operationNotAllowed("Operation 'simulateEviction' is allowed on spot Virtual Machines only.");
  const { simulation } = state;
  const isThere = (): boolean => findById(state, vm.id) === vm && vm.provisioningState !== 'Deleting' && vm.allocated;
  simulation.after(evictionMs - noticeMs, () => {
    const { machine } = vm;
    if (!isThere() || !machine) return;
    const event = { id: simulation.randomGuid(), type: 'Preempt' as const, notBefore: simulation.now + noticeMs };
    machine.scheduledEvents = [event];
  });
  simulation.after(evictionMs, () => {
    if (vm.machine) vm.machine.scheduledEvents = [];
    if (!isThere()) return;
    if (vm.evictionPolicy === 'Delete') deleteVm(state, vm, true);
    else deallocateVm(state, vm, false);
  });
}
