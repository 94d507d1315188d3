import type * as z from 'zod';
import { diskBody, snapshotBody } from '../../../world/azure/bodies/compute.js';
import { deleteDisk, putDisk } from '../../../world/azure/disks.js';
import type { ResourceOf } from '../../../world/azure/model.js';
import { deleteSnapshot, putSnapshot } from '../../../world/azure/snapshots.js';
import type { AzureState, Place, Written } from '../../../world/azure/state.js';
import { putReply } from '../async-replies.js';
import { parseBody } from '../bodies.js';
import { placeOf, type Route } from '../context.js';
import { renderDiskResource, renderSnapshot } from '../render/compute.js';
import { pathOf, trackedResourceRoutes, type TrackedResource } from './tracked-resource.js';

type StorageType = 'Microsoft.Compute/disks' | 'Microsoft.Compute/snapshots';

interface StorageKind<T extends StorageType, Body> extends TrackedResource<T> {
  readonly body: z.ZodType<Body>;
  put(state: AzureState, place: Place, body: Body): Written<ResourceOf<T>>;
}

/** What the disk provider offers for each of its kinds alike; its PUT answers 202. */
function routesOf<T extends StorageType, Body>(kind: StorageKind<T, Body>): readonly Route[] {
  const { type } = kind;
  return [
    {
      method: 'PUT',
      path: `${pathOf(type)}/{name}`,
      type,
      action: `${type}/write`,
      handle(context) {
        const written = kind.put(context.azure, placeOf(context), parseBody(context.request, kind.body, 'compute'));
        const status = written.operation ? 202 : 200;
        return putReply(context, written, kind.render(context.azure, written.resource), status);
      },
    },
    ...trackedResourceRoutes(kind),
  ];
}

export const storageRoutes: readonly Route[] = [
  ...routesOf({
    type: 'Microsoft.Compute/disks',
    body: diskBody,
    put: putDisk,
    remove: deleteDisk,
    render: renderDiskResource,
  }),
  ...routesOf({
    type: 'Microsoft.Compute/snapshots',
    body: snapshotBody,
    put: putSnapshot,
    remove: deleteSnapshot,
    render: (_state, snapshot) => renderSnapshot(snapshot),
  }),
];
