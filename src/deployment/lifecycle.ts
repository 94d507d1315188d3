import type { Deadline } from '../health/deadline.js';
import type { VirtualMachine } from '../clients/arm/arm.js';
import { changePower, waitForPower, type PowerChange } from './change-power.js';
import type { Lease } from './lease.js';
import { eachWorker, type LifecyclePorts, type PoolWorker, type WorkerOutcome } from './pool-worker.js';
import { renewShutdown } from './shutdown-schedule.js';

export interface PauseOptions {
  /** Deallocates also where Windows could not be shut down cleanly. Its disk may then need a repair. */
  readonly force?: boolean;
}

function vmOf(
  { arm, retry }: LifecyclePorts,
  { resourceGroup, vmName }: PoolWorker,
  deadline: Deadline,
): Promise<VirtualMachine | undefined> {
  return retry('arm', (own) => arm.getVm(resourceGroup, vmName, own), { deadline });
}

/**
 * Pauses workers: Windows is shut down cleanly, then the VM is deallocated, which alone ends the billing of compute, and
 * looked at again. A worker whose Windows does not go down stays running and is reported, unless `force`; one without a VM,
 * which was never made or was deleted by somebody, has nothing to pause.
 */
export function pausePool(
  ports: LifecyclePorts,
  workers: readonly PoolWorker[],
  deadline: Deadline,
  { force = false }: PauseOptions = {},
): Promise<readonly WorkerOutcome[]> {
  return eachWorker(ports, workers, deadline, async (worker) => {
    const vm = await vmOf(ports, worker, deadline);
    if (!vm) return 'absent';
    const deallocate: PowerChange = {
      name: 'deallocate',
      during: 'deallocating',
      after: 'deallocated',
      begin: (own) => ports.arm.beginDeallocateVm(worker.resourceGroup, worker.vmName, own),
      ...(vm.power === 'running' ? { before: () => quiesce(ports, worker, deadline, force) } : {}),
    };
    return changePower(ports, worker, vm, deallocate, deadline);
  });
}

async function quiesce(ports: LifecyclePorts, worker: PoolWorker, deadline: Deadline, force: boolean): Promise<void> {
  try {
    await ports.quiesceWorker(worker, deadline);
  } catch (error) {
    if (!force || deadline.signal.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const text = `${worker.worker}: not shut down cleanly, going on by force: ${reason}`;
    ports.emit('log', { component: 'deployment' }, text, { level: 'warn', worker: worker.worker });
  }
}

/**
 * Starts workers that are deallocated or stopped, whoever stopped them, and sets their shutdown schedule first: from the
 * first minute of billing on there is an end to it. Waiting for Windows is the walk's work, and so is making a VM anew.
 */
export function resumePool(
  ports: LifecyclePorts,
  workers: readonly PoolWorker[],
  lease: Lease,
  deadline: Deadline,
): Promise<readonly WorkerOutcome[]> {
  return eachWorker(ports, workers, deadline, async (worker) => {
    let vm = await vmOf(ports, worker, deadline);
    if (!vm) return 'absent';
    if (vm.power === 'deallocating' || vm.power === 'stopping') {
      vm = await waitForPower(ports, worker, ['deallocated', 'stopped', 'running'], deadline);
    }
    await renewShutdown(ports, worker, lease, deadline);
    const start: PowerChange = {
      name: 'start',
      during: 'starting',
      after: 'running',
      begin: (own) => ports.arm.beginStartVm(worker.resourceGroup, worker.vmName, own),
    };
    return changePower(ports, worker, vm, start, deadline);
  });
}
