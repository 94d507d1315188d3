import * as z from 'zod';
import { refuse } from '../../../world/azure/arm-error.js';
import { readOnly, tagsSchema, type Tags } from '../../../world/azure/bodies/common.js';
import { checkTags } from '../../../world/azure/names.js';
import { findById, findGroup, groupOf, touch } from '../../../world/azure/state.js';
import { parseBody } from '../bodies.js';
import { param, type ArmContext, type Route } from '../context.js';
import type { Reply } from '../http.js';
import { locksOver } from '../locks.js';

const authorization = '/{*scope}/providers/Microsoft.Authorization';

/** Raises 404 when the scope is a group that does not exist. */
function checkScope(context: ArmContext): string {
  const scope = param(context, 'scope');
  const group = /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)/i.exec(scope)?.[1];
  if (group !== undefined) groupOf(context.azure, group);
  return scope;
}

function permissions(context: ArmContext): Reply {
  checkScope(context);
  const { actions, notActions } = context.principal;
  return { status: 200, body: { value: [{ actions, notActions, dataActions: [], notDataActions: [] }] } };
}

function locks(context: ArmContext): Reply {
  const scope = checkScope(context);
  const value = locksOver(context.azure.options.locks, scope).map((lock) => ({
    id: `${lock.scope}/providers/Microsoft.Authorization/locks/${lock.name}`,
    name: lock.name,
    type: 'Microsoft.Authorization/locks',
    properties: { level: lock.level, notes: lock.notes },
  }));
  return { status: 200, body: { value } };
}

/** Tags of a group or a resource, to read and to replace. */
interface Tagged {
  tags: Tags;
}

function taggedAt(context: ArmContext): Tagged {
  const scope = checkScope(context);
  const group = /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)$/i.exec(scope)?.[1];
  const found = group === undefined ? findById(context.azure, scope) : findGroup(context.azure, group);
  if (found) return found;
  throw refuse(404, 'ResourceNotFound', `The Resource '${scope}' was not found.`);
}

const tagsReply = (context: ArmContext, { tags }: Tagged): Reply => ({
  status: 200,
  body: {
    id: `${param(context, 'scope')}/providers/Microsoft.Resources/tags/default`,
    name: 'default',
    type: 'Microsoft.Resources/tags',
    properties: { tags },
  },
});

const tagsProperties = z.strictObject({ tags: tagsSchema.optional() });
const tagsPatch = z.strictObject({ operation: z.enum(['Merge', 'Replace', 'Delete']), properties: tagsProperties });
const tagsBody = z.strictObject({ id: readOnly, name: readOnly, type: readOnly, properties: tagsProperties });

function setTags(context: ArmContext, change: (before: Tags) => Tags): Reply {
  const tagged = taggedAt(context);
  const tags = change(tagged.tags);
  checkTags(tags);
  tagged.tags = tags;
  const resource = findById(context.azure, param(context, 'scope'));
  if (resource) touch(context.azure, resource);
  return tagsReply(context, tagged);
}

function patchTags(context: ArmContext): Reply {
  const { operation, properties } = parseBody(context.request, tagsPatch, 'arm');
  const given = properties.tags ?? {};
  return setTags(context, (before) => {
    if (operation === 'Merge') return { ...before, ...given };
    if (operation === 'Replace') return given;
    return Object.fromEntries(Object.entries(before).filter(([key, value]) => given[key] !== value));
  });
}

const tagsPath = '/{*scope}/providers/Microsoft.Resources/tags/default';
const tagsType = 'Microsoft.Resources/tags';

export const governanceRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: `${authorization}/permissions`,
    type: 'Microsoft.Authorization/permissions',
    action: 'Microsoft.Authorization/permissions/read',
    handle: permissions,
  },
  {
    method: 'GET',
    path: `${authorization}/locks`,
    type: 'Microsoft.Authorization/locks',
    action: 'Microsoft.Authorization/locks/read',
    handle: locks,
  },
  {
    method: 'GET',
    path: `${authorization}/policyAssignments`,
    type: 'Microsoft.Authorization/policyAssignments',
    action: 'Microsoft.Authorization/policyAssignments/read',
    handle(context) {
      checkScope(context);
      return { status: 200, body: { value: [] } };
    },
  },
  {
    method: 'GET',
    path: tagsPath,
    type: tagsType,
    action: `${tagsType}/read`,
    handle: (context) => tagsReply(context, taggedAt(context)),
  },
  {
    method: 'PUT',
    path: tagsPath,
    type: tagsType,
    action: `${tagsType}/write`,
    handle: (context) => setTags(context, () => parseBody(context.request, tagsBody, 'arm').properties.tags ?? {}),
  },
  { method: 'PATCH', path: tagsPath, type: tagsType, action: `${tagsType}/write`, handle: patchTags },
];
