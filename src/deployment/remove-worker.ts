import { runOperation } from '../azure/run-operation.js';
import type { ResourceRef } from '../clients/arm/arm.js';
import { asWaaError, fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import { waitFor } from '../health/wait-for.js';
import { workerOfResource } from './names.js';
import type { LifecyclePorts, WorkerVm } from './pool-worker.js';

/** Azure keeps an interface for three minutes for the VM it was deleted from, and listings lag behind. */
const GONE_MS = 10 * 60_000;
/** What is left frees itself within seconds to minutes. */
const LOOK_EVERY_MS = 10_000;
/** Such a look asks Azure to delete what is left: longer than a mere read. */
const LOOK_MS = 60_000;

/**
 * Deletes one worker of a deployment with everything that stands beside its VM, and proves it by listing. Returns what
 * stood there. Raises AZURE_CLEANUP_INCOMPLETE with what is left.
 */
export async function removeWorker(
  ports: LifecyclePorts,
  deployment: string,
  worker: WorkerVm,
  deadline: Deadline,
): Promise<readonly ResourceRef[]> {
  const { arm, retry, clock } = ports;
  const { resourceGroup, vmName } = worker;
  const list = async (own: Deadline): Promise<readonly ResourceRef[]> =>
    (await arm.listResources(resourceGroup, own)).filter(
      ({ name }) => workerOfResource(deployment, name) === worker.worker,
    );
  const before = await retry('arm', list, { deadline });
  const begin = (own: Deadline) => arm.beginDeleteVm(resourceGroup, vmName, own);
  const isUnderWay = async (own: Deadline): Promise<boolean> => {
    const { provisioningState = 'Deleting' } = (await arm.getVm(resourceGroup, vmName, own)) ?? {};
    return provisioningState === 'Deleting';
  };
  await runOperation(ports, { name: `delete:${worker.worker}`, begin, isUnderWay }, deadline);

  let left: readonly ResourceRef[] = [];
  using own = deadline.child(GONE_MS);
  await waitFor<true>(
    async (look) => {
      left = await list(look);
      if (left.length === 0) return { ok: true, value: true };
      // Normally all but the schedule went with the VM; the rest is asked for, what is still in use the next time. While
      // the VM is listed it may run, and its schedule is what ends its billing.
      const others = left.some(({ type }) => /\/virtualMachines$/i.test(type)) ? [] : left;
      const asked = await Promise.allSettled(others.map((resource) => arm.deleteResource(resource, look)));
      const refused = asked.flatMap((one) => (one.status === 'rejected' ? [asWaaError(one.reason).message] : []));
      return { ok: false, saw: [`still listed: ${left.map(({ name }) => name).join(', ')}`, ...refused].join('; ') };
    },
    {
      what: `the end of ${vmName}`,
      clock,
      deadline: own,
      everyMs: LOOK_EVERY_MS,
      attemptTimeoutMs: LOOK_MS,
      onTimeout: () => {
        const names = left.map(({ name }) => name).join(', ');
        return fail('AZURE_CLEANUP_INCOMPLETE', { deployment, count: left.length, left: names });
      },
    },
  );
  for (const { type, name } of before)
    ports.emit('resource.deleted', { kind: type, name }, `deleted ${type} ${name}`, { worker: worker.worker });
  return before;
}
