import * as z from 'zod';
import { refuse } from '../../../world/azure/arm-error.js';
import { readOnly, tagsSchema } from '../../../world/azure/bodies/common.js';
import type { Resource } from '../../../world/azure/model.js';
import { checkTags } from '../../../world/azure/names.js';
import { deleteGroup, putGroup } from '../../../world/azure/resource-groups.js';
import { findGroup, groupOf, resourcesIn, writableGroup } from '../../../world/azure/state.js';
import { parseBody } from '../bodies.js';
import { pageOf, param, type ArmContext, type Route } from '../context.js';
import { parseFilter } from '../filters.js';
import type { Reply } from '../http.js';
import { renderGroup, renderListed } from '../render/resources.js';

const type = 'Microsoft.Resources/resourceGroups';
const rights = 'Microsoft.Resources/subscriptions/resourceGroups';
const path = '/subscriptions/{subscription}/resourceGroups/{group}';

const groupBody = z.strictObject({
  id: readOnly,
  name: readOnly,
  type: readOnly,
  properties: readOnly,
  managedBy: z.string().optional(),
  location: z.string(),
  tags: tagsSchema.nullish(),
});

const groupPatch = z.strictObject({
  tags: tagsSchema.optional(),
  name: readOnly,
  properties: readOnly,
  managedBy: readOnly,
});

const nameOf = (context: ArmContext): string => param(context, 'group');

function listGroups(context: ArmContext): Reply {
  const filter = parseFilter(context.request.query.get('$filter'), ['tagName', 'tagValue']);
  const groups = [...context.azure.groups.values()].filter((group) => hasTag(group.tags, filter));
  return pageOf(context, groups.map(renderGroup));
}

/** `tagName eq 'k'`, alone or with `and tagValue eq 'v'`. Tag names are compared without regard to case. */
function hasTag(tags: Readonly<Record<string, string>>, filter: ReadonlyMap<string, string>): boolean {
  const name = filter.get('tagname');
  if (name === undefined) return true;
  const wanted = filter.get('tagvalue');
  const found = Object.entries(tags).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return found !== undefined && (wanted === undefined || found[1] === wanted);
}

/** ARM's list of resources, of one group or of all. */
function listResources(context: ArmContext, all: readonly Resource[]): Reply {
  const filter = parseFilter(context.request.query.get('$filter'), [
    'tagName',
    'tagValue',
    'resourceGroup',
    'resourceType',
    'location',
    'name',
  ]);
  if (filter.has('tagname') && [...filter.keys()].some((key) => !key.startsWith('tag'))) {
    throw refuse(400, 'InvalidFilterInQueryString', 'A filter by tag cannot be combined with another filter.');
  }
  const equal = (key: string, value: string): boolean =>
    (filter.get(key) ?? value).toLowerCase() === value.toLowerCase();
  const found = all.filter(
    (resource) =>
      hasTag(resource.tags, filter) &&
      equal('resourcegroup', resource.group) &&
      equal('resourcetype', resource.type) &&
      equal('location', resource.location) &&
      equal('name', resource.name),
  );
  const expand = context.request.query.get('$expand') ?? '';
  return pageOf(
    context,
    found.map((resource) => renderListed(resource, expand)),
  );
}

/** Where a deletion went: 202 while it runs, then 200 or the failure's own status. */
function deletionResult(context: ArmContext): Reply {
  const token = param(context, 'token');
  const deletion = context.azure.groupDeletions.get(token);
  if (!deletion) throw refuse(404, 'OperationResultNotFound', `The operation result '${token}' was not found.`);
  if (deletion.outcome === 'running') return deletionAccepted(context, token);
  return deletion.outcome === 'done'
    ? { status: 200 }
    : { status: deletion.outcome.status, body: { error: deletion.outcome.error } };
}

const deletionAccepted = (context: ArmContext, token: string): Reply => ({
  status: 202,
  headers: {
    location:
      `${context.armUrl}/subscriptions/${context.azure.options.subscriptionId}/operationresults/${token}` +
      `?api-version=${context.apiVersion}`,
    'retry-after': '1',
  },
});

export const resourceGroupRoutes: readonly Route[] = [
  {
    method: 'PUT',
    path,
    type,
    action: `${rights}/write`,
    handle(context) {
      const body = parseBody(context.request, groupBody, 'arm');
      const { resource, created } = putGroup(context.azure, nameOf(context), body.location, body.tags ?? {});
      return { status: created ? 201 : 200, body: renderGroup(resource) };
    },
  },
  {
    method: 'PATCH',
    path,
    type,
    action: `${rights}/write`,
    handle(context) {
      const { tags } = parseBody(context.request, groupPatch, 'arm');
      const group = writableGroup(context.azure, nameOf(context));
      if (tags) {
        checkTags(tags);
        group.tags = tags;
      }
      return { status: 200, body: renderGroup(group) };
    },
  },
  {
    method: 'GET',
    path,
    type,
    action: `${rights}/read`,
    handle: (context) => ({ status: 200, body: renderGroup(groupOf(context.azure, nameOf(context))) }),
  },
  {
    method: 'HEAD',
    path,
    type,
    action: `${rights}/read`,
    handle: (context) => ({ status: findGroup(context.azure, nameOf(context)) ? 204 : 404 }),
  },
  {
    method: 'DELETE',
    path,
    type,
    action: `${rights}/delete`,
    handle: (context) => deletionAccepted(context, deleteGroup(context.azure, nameOf(context))),
  },
  {
    method: 'GET',
    path: '/subscriptions/{subscription}/resourceGroups',
    type,
    action: `${rights}/read`,
    handle: listGroups,
  },
  {
    method: 'GET',
    path: `${path}/resources`,
    type: 'Microsoft.Resources/resources',
    action: `${rights}/resources/read`,
    handle: (context) =>
      listResources(context, resourcesIn(context.azure, groupOf(context.azure, nameOf(context)).name)),
  },
  {
    method: 'GET',
    path: '/subscriptions/{subscription}/resources',
    type: 'Microsoft.Resources/resources',
    action: 'Microsoft.Resources/subscriptions/resources/read',
    handle: (context) => listResources(context, [...context.azure.resources.values()]),
  },
  {
    method: 'GET',
    path: '/subscriptions/{subscription}/operationresults/{token}',
    type: 'Microsoft.Resources/operationresults',
    action: 'Microsoft.Resources/subscriptions/operationresults/read',
    handle: deletionResult,
  },
];
