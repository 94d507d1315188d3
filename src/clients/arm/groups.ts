import type { GenericResource, ResourceGroup as SdkGroup } from '@azure/arm-resources';
import { WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { ResourceGroup, ResourceRef, Tags } from './arm.js';
import type { OperationToken } from './operation-token.js';
import { collect } from './collect.js';
import type { SdkClients } from './sdk.js';
import type { ArmSession } from './session.js';

const toGroup = (group: SdkGroup): ResourceGroup => ({
  name: group.name ?? '',
  region: group.location,
  tags: group.tags ?? {},
  provisioningState: group.properties?.provisioningState ?? 'Succeeded',
});

const toRef = (row: GenericResource): ResourceRef => ({
  id: row.id ?? '',
  name: row.name ?? '',
  type: row.type ?? '',
  tags: row.tags ?? {},
});

/** A resource group, or undefined. Raises AZURE_*. */
export async function getGroup(
  session: ArmSession,
  clients: SdkClients,
  name: string,
  deadline: Deadline,
): Promise<ResourceGroup | undefined> {
  const found = await session.find(`resource group ${name}`, deadline, (options) =>
    clients.resources.resourceGroups.get(name, options),
  );
  return found === undefined ? undefined : toGroup(found);
}

/** Resource groups of the subscription that have a tag of this name, whatever its value. Raises AZURE_*. */
export function listGroups(
  session: ArmSession,
  clients: SdkClients,
  tagName: string,
  deadline: Deadline,
): Promise<readonly ResourceGroup[]> {
  return session.call(`resource groups with tag ${tagName}`, deadline, (options) =>
    collect(clients.resources.resourceGroups.list({ filter: `tagName eq '${tagName}'`, ...options }), toGroup),
  );
}

/** Makes a resource group, or replaces the tags of the one there is. Raises AZURE_*. */
export function putGroup(
  session: ArmSession,
  clients: SdkClients,
  name: string,
  region: string,
  tags: Tags,
  deadline: Deadline,
): Promise<ResourceGroup> {
  return session.call(`create resource group ${name}`, deadline, async (options) =>
    toGroup(
      await clients.resources.resourceGroups.createOrUpdate(name, { location: region, tags: { ...tags } }, options),
    ),
  );
}

/** Begins the delete of a group and of all that is in it; a group that is gone counts as deleted. */
export async function deleteGroup(
  session: ArmSession,
  clients: SdkClients,
  subscriptionId: string,
  group: string,
  deadline: Deadline,
): Promise<OperationToken> {
  const name = `delete group ${group}`;
  try {
    const state = await session.call(name, deadline, async (options) =>
      (await clients.resources.resourceGroups.beginDelete(group, options)).toString(),
    );
    session.emit('arm.operation', { name, state: 'started' }, `${name}: started`);
    return { v: 1, kind: 'group-delete', name, subscriptionId, group, state };
  } catch (error) {
    if (!(error instanceof WaaError) || error.code !== 'AZURE_NOT_FOUND') throw error;
    return { v: 1, kind: 'done', name };
  }
}

/** What stands in a group by ARM's own index, which may lag seconds behind. Empty when the group is gone. */
export async function listResources(
  session: ArmSession,
  clients: SdkClients,
  group: string,
  deadline: Deadline,
): Promise<readonly ResourceRef[]> {
  const found = await session.find(`resources of ${group}`, deadline, (options) =>
    collect(clients.resources.resources.listByResourceGroup(group, options), toRef),
  );
  return found ?? [];
}

/** Every resource of the subscription with a tag of this name, by ARM's own index. */
export function listTagged(
  session: ArmSession,
  clients: SdkClients,
  tagName: string,
  deadline: Deadline,
): Promise<readonly ResourceRef[]> {
  return session.call(`resources with tag ${tagName}`, deadline, (options) =>
    collect(clients.resources.resources.list({ filter: `tagName eq '${tagName}'`, ...options }), toRef),
  );
}
