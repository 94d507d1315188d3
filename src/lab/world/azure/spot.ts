import { operationNotAllowed } from './arm-error.js';
import type { VirtualMachine } from './model.js';
import type { AzureState } from './state.js';
import { findById } from './state.js';
import { deleteVm } from './virtual-machines.js';
import { deallocateVm } from './vm-power.js';

const evictionMs = 60_000;

/** POST simulateEviction: a minute later the spot VM is deallocated or deleted, as its policy says. */
export function simulateEviction(state: AzureState, vm: VirtualMachine): void {
  if (vm.priority !== 'Spot')
    throw operationNotAllowed("Operation 'simulateEviction' is allowed on spot Virtual Machines only.");
  state.simulation.after(evictionMs, () => {
    if (findById(state, vm.id) !== vm || vm.provisioningState === 'Deleting' || !vm.allocated) return;
    if (vm.evictionPolicy === 'Delete') deleteVm(state, vm, true);
    else deallocateVm(state, vm, false);
  });
}
