import type { VirtualMachine } from '../clients/arm/arm.js';

const SETTLED: ReadonlySet<string> = new Set(['Succeeded', 'Failed', 'Canceled']);
const MOVING: ReadonlySet<VirtualMachine['power']> = new Set(['starting', 'stopping', 'deallocating']);

/** True where Azure has ended its last operation on the VM, well or badly. */
export const isSettled = ({ provisioningState }: Pick<VirtualMachine, 'provisioningState'>): boolean =>
  SETTLED.has(provisioningState);

/** Whether Azure works on the VM: if not, a token that a killed process left is one of an operation that ended. */
export const isAtWork = (vm: Pick<VirtualMachine, 'provisioningState' | 'power'>): boolean =>
  !isSettled(vm) || MOVING.has(vm.power);
