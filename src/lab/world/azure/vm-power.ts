import type { Machine, MachineSpec } from '../contracts.js';
import { operationNotAllowed, refuse, type ArmErrorBody } from './arm-error.js';
import { setAllocated } from './meter.js';
import type { VirtualMachine } from './model.js';
import type { Operation, RunningOperation } from './operations.js';
import { checkCoreQuota } from './quota.js';
import type { VmSize } from './sizes.js';
import { sizeNamed } from './vm-offer.js';
import type { AzureState } from './state.js';
import { findTyped, touch } from './state.js';

/** How long Azure takes to do nothing: a start of a running VM, a PUT that changes nothing. */
const noopMs = 2000;

const allocationFailed: ArmErrorBody = {
  code: 'AllocationFailed',
  message:
    'Allocation failed. We do not have sufficient capacity for the requested VM size in this region. ' +
    'Read more about improving likelihood of allocation success at https://aka.ms/allocation-guidance',
};

/**
 * True when Azure has no place for the VM, new or deallocated: the operation has failed then.
 * https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/allocation-failure
 */
export function findsNoPlace(state: AzureState, vm: VirtualMachine, operation: RunningOperation): boolean {
  if (!state.simulation.faults.strikes('azure-allocation-failed', vm.name)) return false;
  vm.provisioningState = 'Failed';
  setAllocated(state, vm, false);
  vm.failure = allocationFailed;
  touch(state, vm);
  operation.fail(allocationFailed);
  return true;
}

/** Begins an operation on a VM. One that is running is pre-empted by a deallocation or deletion, else it refuses the new one. */
export function beginVmOperation(
  state: AzureState,
  vm: VirtualMachine,
  name: string,
  preempts: boolean,
): RunningOperation {
  if (vm.provisioningState === 'Deleting') {
    throw operationNotAllowed(
      `Operation '${name}' is not allowed on VM '${vm.name}' since the VM is marked for deletion. ` +
        'You can only retry the Delete operation (or wait for an ongoing one to complete).',
    );
  }
  if (vm.operation?.status === 'InProgress') {
    if (!preempts)
      throw operationNotAllowed(
        `Operation '${name}' is not allowed on VM '${vm.name}' since another operation is in progress.`,
      );
    vm.operation.preempt();
  }
  const operation = state.operations.begin('Microsoft.Compute', vm.location, name, vm.name);
  vm.operation = operation;
  vm.provisioningState = 'Updating';
  touch(state, vm);
  return operation;
}

/** Ends an operation well. */
export function completeVmOperation(state: AzureState, vm: VirtualMachine, operation: RunningOperation): void {
  vm.provisioningState = 'Succeeded';
  vm.failure = undefined;
  vm.succeededAt = state.simulation.now;
  touch(state, vm);
  operation.succeed();
}

/** An operation that changes nothing. */
export function finishSoon(state: AzureState, vm: VirtualMachine, operation: RunningOperation): Operation {
  operation.after(noopMs, () => {
    completeVmOperation(state, vm, operation);
  });
  return operation;
}

/**
 * The machine of a VM. A machine's spec is fixed: a new one is made around the same disks when the VM has none, or when
 * it is off and size or disks have changed since.
 */
export function machineOf(state: AzureState, vm: VirtualMachine): Machine {
  const size = sizeNamed(vm.size);
  const contentsOf = (id: string) => {
    const disk = findTyped(state, 'Microsoft.Compute/disks', id);
    if (!disk) throw refuse(404, 'NotFound', `Disk ${id} is not found.`);
    return disk.contents;
  };
  const dataDisks = vm.dataDisks.map((disk) => ({ lun: disk.lun, disk: contentsOf(disk.diskId) }));
  const current = vm.machine;
  if (current && (current.power !== 'off' || fits(current.spec, size, dataDisks))) return current;
  const machine = state.createMachine({
    name: vm.name,
    cpuCores: size.cores,
    memoryMb: size.memoryGb * 1024,
    nestedVirtualization: size.nestedVirtualization,
    securityType: vm.securityType,
    osDisk: contentsOf(vm.osDisk.diskId),
    dataDisks,
    adminUser: vm.adminUser,
    sshPublicKeys: vm.sshPublicKeys,
    customData: vm.customData,
  });
  machine.onGuestPoweroff = () => {
    if (vm.machine === machine && vm.operation?.status !== 'InProgress' && vm.power === 'running') vm.power = 'stopped';
  };
  vm.machine = machine;
  return machine;
}

function fits(spec: MachineSpec, size: VmSize, dataDisks: MachineSpec['dataDisks']): boolean {
  const sameDisks =
    spec.dataDisks.length === dataDisks.length &&
    dataDisks.every(({ lun, disk }) => spec.dataDisks.some((entry) => entry.lun === lun && entry.disk === disk));
  return spec.cpuCores === size.cores && spec.nestedVirtualization === size.nestedVirtualization && sameDisks;
}

/** Gives power; a machine that is still going down is cut off first. */
export function powerUp(machine: Machine): void {
  if (machine.power === 'off') machine.powerOn();
  else if (machine.power === 'stopping') {
    machine.powerOff('hard', () => {
      machine.powerOn();
    });
  }
}

/** Takes power away; `then` runs when the machine is off and `atLeastMs` have passed, if the operation still stands. */
export function powerDown(
  vm: VirtualMachine,
  operation: RunningOperation,
  how: 'graceful' | 'hard',
  atLeastMs: number,
  then: () => void,
): void {
  let open = 2;
  const arrived = (): void => {
    open -= 1;
    if (open === 0 && operation.status === 'InProgress') then();
  };
  operation.after(atLeastMs, arrived);
  if (!vm.machine || vm.machine.power === 'off') arrived();
  else vm.machine.powerOff(how, arrived);
}

/** POST start. Quota is checked again for a deallocated VM. */
export function startVm(state: AzureState, vm: VirtualMachine): Operation {
  if (vm.generalized)
    throw operationNotAllowed(`Operation 'start' is not allowed on VM '${vm.name}' since the VM is generalized.`);
  if (!vm.allocated && vm.operation?.status !== 'InProgress')
    checkCoreQuota(state, vm.location, sizeNamed(vm.size), vm.priority);
  const operation = beginVmOperation(state, vm, 'start', false);
  if (vm.power === 'running' && vm.machine && vm.machine.power !== 'off') return finishSoon(state, vm, operation);
  const needsPlace = !vm.allocated;
  setAllocated(state, vm, true);
  vm.power = 'starting';
  const total = state.simulation.draw('azure.vm.start');
  operation.after(total * 0.4, () => {
    if (needsPlace && findsNoPlace(state, vm, operation)) {
      vm.power = 'deallocated';
      return;
    }
    powerUp(machineOf(state, vm));
  });
  operation.after(total, () => {
    vm.power = 'running';
    completeVmOperation(state, vm, operation);
  });
  return operation;
}

/** POST deallocate: the place and its cores are given back, the disks stay. Pre-empts what is running. */
export function deallocateVm(state: AzureState, vm: VirtualMachine, force: boolean): Operation {
  const operation = beginVmOperation(state, vm, 'deallocate', true);
  if (vm.power === 'deallocated') return finishSoon(state, vm, operation);
  vm.power = 'deallocating';
  powerDown(vm, operation, force ? 'hard' : 'graceful', state.simulation.draw('azure.vm.deallocate'), () => {
    vm.power = 'deallocated';
    setAllocated(state, vm, false);
    completeVmOperation(state, vm, operation);
  });
  return operation;
}

/** POST powerOff: off, but its cores are kept and billed. */
export function powerOffVm(state: AzureState, vm: VirtualMachine, skipShutdown: boolean): Operation {
  const operation = beginVmOperation(state, vm, 'powerOff', false);
  if (!vm.allocated) return finishSoon(state, vm, operation);
  vm.power = 'stopping';
  powerDown(vm, operation, skipShutdown ? 'hard' : 'graceful', noopMs, () => {
    vm.power = 'stopped';
    completeVmOperation(state, vm, operation);
  });
  return operation;
}

/** POST restart and redeploy. */
export function restartVm(state: AzureState, vm: VirtualMachine, name: 'restart' | 'redeploy'): Operation {
  if (!vm.allocated || vm.power === 'deallocating') {
    throw operationNotAllowed(
      `Operation '${name}' is not allowed on VM '${vm.name}' since the VM is either deallocated or marked to be deallocated.`,
    );
  }
  const operation = beginVmOperation(state, vm, name, false);
  const total = state.simulation.draw('azure.vm.restart');
  powerDown(vm, operation, name === 'redeploy' ? 'hard' : 'graceful', total / 4, () => {
    powerUp(machineOf(state, vm));
    operation.after(total / 2, () => {
      vm.power = 'running';
      completeVmOperation(state, vm, operation);
    });
  });
  return operation;
}

/** POST generalize: done at once, cannot be undone. */
export function generalizeVm(vm: VirtualMachine): void {
  if (vm.power !== 'stopped' && vm.power !== 'deallocated') {
    throw operationNotAllowed(
      `Operation 'generalize' is not allowed on VM '${vm.name}' since the VM is running. Please power off explicitly in case you ` +
        'shut down the VM from inside the guest operating system.',
    );
  }
  vm.generalized = true;
}
