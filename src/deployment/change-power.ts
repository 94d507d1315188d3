import { rememberedToken, runOperation } from '../azure/run-operation.js';
import { isAtWork } from '../azure/vm-at-work.js';
import { waitForAzure } from '../azure/wait-for-azure.js';
import type { ArmOperation, PowerState, VirtualMachine } from '../clients/arm/arm.js';
import { fail, type WaaError } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { LifecyclePorts, PoolWorker } from './pool-worker.js';

/** Azure's bucket for reading one VM refills 12 a minute. */
const POWER_EVERY_MS = 10_000;

/** A change of a VM's power: what Azure shows while it goes on and once it is done. */
export interface PowerChange {
  /** Together with the worker's name, the name under which the operation is remembered. */
  readonly name: string;
  readonly during: PowerState;
  readonly after: PowerState;
  readonly begin: (deadline: Deadline) => Promise<ArmOperation>;
  /** Comes before a change that nobody has begun yet. */
  readonly before?: () => Promise<void>;
}

/** Waits until a VM is in one of the wanted power states. Raises AZURE_NOT_FOUND. */
export function waitForPower(
  { arm, clock }: LifecyclePorts,
  worker: PoolWorker,
  wanted: readonly PowerState[],
  deadline: Deadline,
): Promise<VirtualMachine> {
  const { resourceGroup, vmName } = worker;
  return waitForAzure<VirtualMachine>(
    async (own) => {
      const vm = await arm.getVm(resourceGroup, vmName, own);
      if (!vm) return { ok: false, saw: 'the VM is gone', fatal: isGone(worker) };
      return wanted.includes(vm.power) ? { ok: true, value: vm } : { ok: false, saw: `${vmName} is ${vm.power}` };
    },
    {
      what: `${vmName} ${wanted.join(' or ')}`,
      clock,
      deadline,
      everyMs: POWER_EVERY_MS,
    },
  );
}

/**
 * Changes the power of a VM seen as `vm`, and looks again until it shows. What a killed process began is continued; what is
 * under way without a token was begun by somebody else, or by a process killed before it could note it, and is only waited
 * for. Raises AZURE_*.
 */
export async function changePower(
  ports: LifecyclePorts,
  worker: PoolWorker,
  vm: VirtualMachine,
  { name, during, after, begin, before }: PowerChange,
  deadline: Deadline,
): Promise<'done' | 'already'> {
  const isUnderWay = () => Promise.resolve(isAtWork(vm));
  const step = { name: `${name}:${worker.worker}`, begin, isUnderWay };
  const isOurs = (await rememberedToken(ports, step, deadline)) !== undefined;
  if (vm.power === after) return 'already';
  if (!isOurs && vm.power !== during) await before?.();
  if (isOurs || vm.power !== during) await runOperation(ports, step, deadline);
  await waitForPower(ports, worker, [after], deadline);
  ports.emit('log', { component: 'deployment', vm: worker.vmName }, `${worker.vmName} is ${after}`, {
    worker: worker.worker,
  });
  return 'done';
}

const isGone = ({ vmName }: PoolWorker): WaaError =>
  fail('AZURE_NOT_FOUND', { what: `VM ${vmName}`, azureCode: 'ResourceNotFound' });
