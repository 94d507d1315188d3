import type * as z from 'zod';
import { diskBody, snapshotBody } from '../../../world/azure/bodies/compute.js';
import { deleteDisk, putDisk } from '../../../world/azure/disks.js';
import type { ResourceOf } from '../../../world/azure/model.js';
import type { Operation } from '../../../world/azure/operations.js';
import { deleteSnapshot, putSnapshot } from '../../../world/azure/snapshots.js';
import { groupOf, listOf, resourceAt, type AzureState, type Place, type Written } from '../../../world/azure/state.js';
import { acceptedReply, putReply } from '../async-replies.js';
import { parseBody } from '../bodies.js';
import { pageOf, param, placeOf, type ArmContext, type Route } from '../context.js';
import { renderDiskResource, renderSnapshot } from '../render/compute.js';

type StorageType = 'Microsoft.Compute/disks' | 'Microsoft.Compute/snapshots';

interface StorageKind<T extends StorageType, Body> {
  readonly type: T;
  readonly body: z.ZodType<Body>;
  put(state: AzureState, place: Place, body: Body): Written<ResourceOf<T>>;
  remove(state: AzureState, place: Place): Operation | undefined;
  render(state: AzureState, resource: ResourceOf<T>): unknown;
}

/** What the disk provider offers for each of its kinds alike; its PUT answers 202. */
function routesOf<T extends StorageType, Body>(kind: StorageKind<T, Body>): readonly Route[] {
  const { type } = kind;
  const inGroup = `/subscriptions/{subscription}/resourceGroups/{group}/providers/${type}`;
  const path = `${inGroup}/{name}`;
  const list = (context: ArmContext, group?: string) =>
    pageOf(
      context,
      listOf(context.azure, type, group).map((one) => kind.render(context.azure, one)),
    );
  return [
    {
      method: 'PUT',
      path,
      type,
      action: `${type}/write`,
      handle(context) {
        const written = kind.put(context.azure, placeOf(context), parseBody(context.request, kind.body, 'compute'));
        const status = written.operation ? 202 : 200;
        return putReply(context, written, kind.render(context.azure, written.resource), status);
      },
    },
    {
      method: 'GET',
      path,
      type,
      action: `${type}/read`,
      handle: (context) => ({
        status: 200,
        body: kind.render(context.azure, resourceAt(context.azure, type, placeOf(context))),
      }),
    },
    {
      method: 'DELETE',
      path,
      type,
      action: `${type}/delete`,
      handle: (context) => acceptedReply(context, kind.remove(context.azure, placeOf(context))),
    },
    {
      method: 'GET',
      path: inGroup,
      type,
      action: `${type}/read`,
      handle: (context) => list(context, groupOf(context.azure, param(context, 'group')).name),
    },
    {
      method: 'GET',
      path: `/subscriptions/{subscription}/providers/${type}`,
      type,
      action: `${type}/read`,
      handle: (context) => list(context),
    },
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
