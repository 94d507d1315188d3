import type { ResourceOf, ResourceType } from '../../../world/azure/model.js';
import type { Operation } from '../../../world/azure/operations.js';
import { groupOf, listOf, resourceAt, type AzureState, type Place } from '../../../world/azure/state.js';
import { acceptedReply } from '../async-replies.js';
import { pageOf, param, placeOf, type ArmContext, type Route } from '../context.js';
import type { Reply } from '../http.js';

/** Where resources of a type stand in a group. */
export const pathOf = (type: string): string =>
  `/subscriptions/{subscription}/resourceGroups/{group}/providers/${type}`;

/** How one type of resource is shown and removed. */
export interface TrackedResource<T extends ResourceType> {
  readonly type: T;
  remove(state: AzureState, place: Place): Operation | undefined;
  render(state: AzureState, resource: ResourceOf<T>): unknown;
  /** Headers of the answer to GET. */
  headers?(resource: ResourceOf<T>): Readonly<Record<string, string>>;
}

/** What every provider offers alike for a type: GET, DELETE, and the lists of a group and of the subscription. */
export function trackedResourceRoutes<T extends ResourceType>(kind: TrackedResource<T>): readonly Route[] {
  const { type } = kind;
  const path = `${pathOf(type)}/{name}`;
  const listed = (context: ArmContext, group?: string): Reply =>
    pageOf(
      context,
      listOf(context.azure, type, group).map((resource) => kind.render(context.azure, resource)),
    );
  return [
    {
      method: 'GET',
      path,
      type,
      action: `${type}/read`,
      handle(context) {
        const resource = resourceAt(context.azure, type, placeOf(context));
        const headers = kind.headers?.(resource);
        return { status: 200, body: kind.render(context.azure, resource), ...(headers ? { headers } : {}) };
      },
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
      path: pathOf(type),
      type,
      action: `${type}/read`,
      handle: (context) => listed(context, groupOf(context.azure, param(context, 'group')).name),
    },
    {
      method: 'GET',
      path: `/subscriptions/{subscription}/providers/${type}`,
      type,
      action: `${type}/read`,
      handle: (context) => listed(context),
    },
  ];
}
