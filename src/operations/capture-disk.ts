import { waitForAzure } from '../azure/wait-for-azure.js';
import type { Tags } from '../clients/arm/arm.js';
import { imageGroupName, type ImageDisk } from '../deployment/golden-image.js';
import type { WorkerVm } from '../deployment/pool-worker.js';
import { fail } from '../failures/waa-error.js';
import type { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';

/** A full snapshot of a Premium disk is there within seconds to minutes. */
const LOOK_EVERY_MS = 5_000;

export interface DiskCapture {
  readonly image: string;
  /** Of the snapshot; two tries never share one, because each was taken of another moment. */
  readonly snapshot: string;
  readonly tags: Tags;
}

/**
 * Takes a snapshot of the data disk of a worker whose VM is deallocated, into the image's group, and waits until it is
 * complete. Raises OWN_IMAGE_SOURCE_UNFIT.
 */
export async function captureDisk(
  { clients, clock, retry }: Session,
  { worker, resourceGroup, vmName }: WorkerVm,
  { image, snapshot, tags }: DiskCapture,
  deadline: Deadline,
): Promise<ImageDisk> {
  const { arm } = clients;
  const group = imageGroupName(image);
  const unfit = (reason: string) => fail('OWN_IMAGE_SOURCE_UNFIT', { image, worker, reason });
  const vm = await retry('arm', (own) => arm.getVm(resourceGroup, vmName, own), { deadline });
  if (vm?.power !== 'deallocated') throw unfit(`its VM is ${vm?.power ?? 'gone'}, not deallocated`);
  if (vm.dataDiskId === undefined) throw unfit('it has no data disk');
  const spec = { resourceGroup: group, name: snapshot, region: vm.region, tags, diskId: vm.dataDiskId };
  await retry('arm', (own) => arm.putSnapshot(spec, own), { deadline });
  const { gb } = await waitForAzure(
    async (own) => {
      const seen = await arm.getSnapshot(group, snapshot, own);
      if (seen?.isComplete === true) return { ok: true, value: seen };
      const saw = `snapshot ${snapshot} is ${seen?.provisioningState ?? 'not there'}`;
      return seen?.provisioningState === 'Failed' ? { ok: false, saw, fatal: unfit(saw) } : { ok: false, saw };
    },
    { what: `snapshot ${snapshot}`, clock, deadline, everyMs: LOOK_EVERY_MS },
  );
  return { snapshot, gb, capturedAt: new Date(clock.now()).toISOString() };
}
