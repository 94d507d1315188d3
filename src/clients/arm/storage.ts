import type { Deadline } from '../../health/deadline.js';
import type { StorageKind, StoredSize } from './arm.js';
import { collect } from './collect.js';
import type { SdkClients } from './sdk.js';
import type { ArmSession, RequestOptions } from './session.js';

/** Sizes of all disks, snapshots or images of a subscription; an image is as large as its disks together. */
export async function listStorage(
  session: ArmSession,
  clients: SdkClients,
  kinds: readonly StorageKind[],
  deadline: Deadline,
): Promise<readonly StoredSize[]> {
  const { compute } = clients;
  const all = <T extends { readonly id?: string }>(
    kind: StorageKind,
    list: (options: RequestOptions) => AsyncIterable<T>,
    gbOf: (one: T) => number,
  ): Promise<readonly StoredSize[]> =>
    session.call(`list ${kind}`, deadline, (options) =>
      collect(list(options), (one) => ({ id: one.id ?? '', kind, gb: gbOf(one) })),
    );
  const lists = kinds.map((kind) => {
    switch (kind) {
      case 'disks':
        return all(
          kind,
          (options) => compute.disks.list(options),
          (disk) => disk.diskSizeGB ?? 0,
        );
      case 'snapshots':
        return all(
          kind,
          (options) => compute.snapshots.list(options),
          (snapshot) => snapshot.diskSizeGB ?? 0,
        );
      case 'images':
        return all(
          kind,
          (options) => compute.images.list(options),
          ({ storageProfile }) =>
            [storageProfile?.osDisk, ...(storageProfile?.dataDisks ?? [])].reduce(
              (sum, disk) => sum + (disk?.diskSizeGB ?? 0),
              0,
            ),
        );
    }
  });
  return (await Promise.all(lists)).flat();
}
