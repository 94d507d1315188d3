import type { VirtualMachine } from '../clients/arm/arm.js';
import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import { waitFor } from '../health/wait-for.js';
import { runOperation } from '../layers/run-operation.js';
import { isAtWork } from '../layers/vm-at-work.js';
import { needsRenewal, shutdownTime, type Lease } from './lease.js';
import { eachWorker, type LifecyclePorts, type PoolWorker, type WorkerOutcome } from './pool-worker.js';

/** Azure's bucket for reading one VM refills 12 a minute. */
const POWER_EVERY_MS = 10_000;
const LOOK_MS = 30_000;

/**
 * True while the operation that a killed process began may still go on. A token that outlived its operation is forgotten:
 * continued, it would pass an old end off as a new one.
 */
async function isUnderWay(ports: LifecyclePorts, key: string, vm: VirtualMachine): Promise<boolean> {
  const moves = isAtWork(vm);
  if (!moves) await ports.memory.saveResumeToken(key, undefined);
  return moves && ports.memory.resumeToken(key) !== undefined;
}

export interface PauseOptions {
  /** Deallocates also where Windows could not be shut down cleanly. Its disk may then need a repair. */
  readonly force?: boolean;
}

function findVm(
  { arm, retry }: LifecyclePorts,
  { resourceGroup, vmName }: PoolWorker,
  deadline: Deadline,
): Promise<VirtualMachine | undefined> {
  return retry('arm', (own) => arm.getVm(resourceGroup, vmName, own), { deadline });
}

/** Waits until a VM is in one of the wanted power states. */
function waitForPower(
  ports: LifecyclePorts,
  worker: PoolWorker,
  wanted: readonly VirtualMachine['power'][],
  deadline: Deadline,
): Promise<VirtualMachine> {
  return waitFor<VirtualMachine>(
    async (own) => {
      const vm = await ports.arm.getVm(worker.resourceGroup, worker.vmName, own);
      if (!vm) {
        const fatal = fail('AZURE_NOT_FOUND', { what: `VM ${worker.vmName}`, azureCode: 'ResourceNotFound' });
        return { ok: false, saw: 'the VM is gone', fatal };
      }
      return wanted.includes(vm.power)
        ? { ok: true, value: vm }
        : { ok: false, saw: `${worker.vmName} is ${vm.power}` };
    },
    {
      what: `${worker.vmName} ${wanted.join(' or ')}`,
      clock: ports.clock,
      deadline,
      everyMs: POWER_EVERY_MS,
      attemptTimeoutMs: LOOK_MS,
    },
  );
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
  options: PauseOptions = {},
): Promise<readonly WorkerOutcome[]> {
  return eachWorker(ports, workers, deadline, async (worker) => {
    const key = `deallocate:${worker.worker}`;
    const vm = await findVm(ports, worker, deadline);
    if (!vm) return 'absent';
    const underWay = await isUnderWay(ports, key, vm);
    if (vm.power === 'deallocated') return 'already';
    if (vm.power === 'running' && !underWay) await quiesce(ports, worker, deadline, options.force === true);
    // Without a token it was begun by somebody else, or by a process killed before it could note it: not begun again.
    if (vm.power !== 'deallocating' || underWay) {
      const begin = (own: Deadline) => ports.arm.beginDeallocateVm(worker.resourceGroup, worker.vmName, own);
      await runOperation(ports, { name: key, begin }, deadline);
    }
    await waitForPower(ports, worker, ['deallocated'], deadline);
    ports.emit('log', { component: 'deployment', vm: worker.vmName }, `${worker.vmName} is deallocated`, {
      worker: worker.worker,
    });
    return 'done';
  });
}

async function quiesce(ports: LifecyclePorts, worker: PoolWorker, deadline: Deadline, force: boolean): Promise<void> {
  try {
    await ports.quiesceWorker(worker, deadline);
  } catch (error) {
    if (!force || deadline.signal.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    ports.emit(
      'log',
      { component: 'deployment' },
      `${worker.worker}: not shut down cleanly, going on by force: ${reason}`,
      {
        level: 'warn',
        worker: worker.worker,
      },
    );
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
    const key = `start:${worker.worker}`;
    let vm = await findVm(ports, worker, deadline);
    if (!vm) return 'absent';
    if (vm.power === 'deallocating' || vm.power === 'stopping') {
      vm = await waitForPower(ports, worker, ['deallocated', 'stopped', 'running'], deadline);
    }
    await keepLease(ports, worker, lease, deadline);
    const underWay = await isUnderWay(ports, key, vm);
    if (vm.power === 'running') return 'already';
    if (vm.power !== 'starting' || underWay) {
      const begin = (own: Deadline) => ports.arm.beginStartVm(worker.resourceGroup, worker.vmName, own);
      await runOperation(ports, { name: key, begin }, deadline);
    }
    await waitForPower(ports, worker, ['running'], deadline);
    ports.emit('log', { component: 'deployment', vm: worker.vmName }, `${worker.vmName} is running`, {
      worker: worker.worker,
    });
    return 'done';
  });
}

/** Moves a worker's shutdown schedule to the end of the lease, when it would move by enough to matter. */
export async function keepLease(
  ports: Pick<LifecyclePorts, 'arm' | 'clock' | 'retry'>,
  worker: PoolWorker,
  lease: Lease,
  deadline: Deadline,
): Promise<void> {
  const { arm, clock, retry } = ports;
  const current = await retry('arm', (own) => arm.getShutdownSchedule(worker.resourceGroup, worker.vmName, own), {
    deadline,
  });
  if (!needsRenewal(current, lease, clock.now())) return;
  const { timeUtc } = shutdownTime(lease, clock.now());
  await retry(
    'arm',
    (own) => arm.putShutdownSchedule(worker.resourceGroup, worker.vmName, worker.region, timeUtc, worker.tags, own),
    { deadline },
  );
}
