import { isAtWork } from '../../azure/vm-at-work.js';
import { waitForAzure } from '../../azure/wait-for-azure.js';
import type { VirtualMachine } from '../../clients/arm/arm.js';
import type { Deadline } from '../../health/deadline.js';
import type { LayerContext } from '../layer.js';
import type { VmLayerDeps } from './deps.js';

/** Instance views may be read every ten seconds within Azure's budget of a VM. */
const LOOK_EVERY_MS = 10_000;

/** Where a worker's VM is looked for. */
interface VmPlace {
  readonly arm: VmLayerDeps['arm'];
  readonly plan: Pick<VmLayerDeps['plan'], 'resourceGroup' | 'vmName'>;
}

/** The worker's VM as Azure sees it, or undefined. Raises AZURE_*. */
export function findVm(
  { arm, plan }: VmPlace,
  { retry, deadline }: Pick<LayerContext, 'retry' | 'deadline'>,
): Promise<VirtualMachine | undefined> {
  return retry('arm', (own) => arm.getVm(plan.resourceGroup, plan.vmName, own), { deadline });
}

/** Whether Azure works on the worker's VM, as `runOperation` asks. */
export const isVmAtWork =
  ({ arm, plan }: VmPlace) =>
  async (own: Deadline): Promise<boolean> => {
    const vm = await arm.getVm(plan.resourceGroup, plan.vmName, own);
    return vm !== undefined && isAtWork(vm);
  };

/** Waits until `isRight` says yes to what Azure shows, and gives what was shown then. */
export function waitForVm(
  deps: VmPlace,
  ctx: LayerContext,
  what: string,
  isRight: (vm: VirtualMachine | undefined) => boolean,
): Promise<VirtualMachine | undefined> {
  const { arm, plan } = deps;
  return waitForAzure(
    async (own) => {
      const vm = await arm.getVm(plan.resourceGroup, plan.vmName, own);
      if (isRight(vm)) return { ok: true, value: vm };
      return { ok: false, saw: vm ? `provisioning ${vm.provisioningState}, ${vm.power}` : 'no such VM' };
    },
    {
      what,
      clock: ctx.clock,
      deadline: ctx.deadline,
      everyMs: LOOK_EVERY_MS,
      onObserve: (saw) => {
        ctx.report({ phase: `${what}: ${saw}` });
      },
    },
  );
}
