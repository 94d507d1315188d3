import { refuse } from './arm-error.js';
import { setAllocated } from './meter.js';
import type { Tags } from './bodies/common.js';
import { groupIdOf, idKey } from './ids.js';
import type { Resource, ResourceGroup } from './model.js';
import { checkTags } from './names.js';
import { findRegion, regions } from './regions.js';
import type { AzureState, GroupDeletion, Written } from './state.js';
import { findGroup, groupOf, remove, resourcesIn, writableGroup } from './state.js';

/** Creates a group or replaces its tags. Raises ArmError for a bad name, place or tags. */
export function putGroup(state: AzureState, name: string, location: string, tags: Tags): Written<ResourceGroup> {
  checkGroupName(name);
  checkTags(tags);
  const region = findRegion(location);
  if (!region) {
    const list = regions.map((entry) => entry.name).join(',');
    throw refuse(
      400,
      'LocationNotAvailableForResourceGroup',
      `The provided location '${location}' is not available for resource group. List of available regions is '${list}'.`,
    );
  }
  const existing = findGroup(state, name);
  if (existing) {
    writableGroup(state, name);
    if (existing.location !== region.name) {
      throw refuse(
        409,
        'InvalidResourceGroupLocation',
        `Invalid resource group location '${region.name}'. The Resource group already exists in location '${existing.location}'.`,
      );
    }
    existing.tags = tags;
    return { resource: existing, created: false, operation: undefined };
  }
  const group: ResourceGroup = {
    id: groupIdOf(state.options.subscriptionId, name),
    name,
    location: region.name,
    tags,
    provisioningState: 'Succeeded',
  };
  state.groups.set(name.toLowerCase(), group);
  return { resource: group, created: true, operation: undefined };
}

/**
 * Begins to delete a group with all that is in it. Machines lose power half-way. A resource of another group that still
 * uses one of these blocks it: the group then stays, and the deletion's outcome is 409 `ResourceGroupDeletionBlocked`.
 * Returns the token under which the outcome is kept.
 */
export function deleteGroup(state: AzureState, name: string): string {
  const group = groupOf(state, name);
  const running = [...state.groupDeletions].find(
    ([, entry]) => entry.group === group.name && entry.outcome === 'running',
  );
  if (running) return running[0];
  const token = state.simulation.randomHex(40).toUpperCase();
  const deletion: GroupDeletion = { group: group.name, outcome: 'running' };
  state.groupDeletions.set(token, deletion);
  group.provisioningState = 'Deleting';
  const total = state.simulation.draw('azure.group.delete');

  state.simulation.after(total / 2, () => {
    for (const resource of resourcesIn(state, name)) {
      resource.operation?.preempt();
      resource.provisioningState = 'Deleting';
      if (resource.type === 'Microsoft.Compute/virtualMachines') {
        resource.power = 'stopped';
        if (resource.machine && resource.machine.power !== 'off') resource.machine.powerOff('hard', () => undefined);
      }
    }
  });
  state.simulation.after(total, () => {
    const blockers = usedFromOutside(state, name);
    for (const resource of resourcesIn(state, name)) {
      if (blockers.includes(resource)) {
        resource.provisioningState = 'Succeeded';
        continue;
      }
      if (resource.type === 'Microsoft.DevTestLab/schedules') resource.cancel();
      if (resource.type === 'Microsoft.Compute/virtualMachines') setAllocated(state, resource, false);
      remove(state, resource);
    }
    if (blockers.length === 0) {
      state.groups.delete(name.toLowerCase());
      deletion.outcome = 'done';
      return;
    }
    group.provisioningState = 'Succeeded';
    deletion.outcome = { status: 409, error: blockedError(state, group.name, blockers) };
  });
  return token;
}

function blockedError(state: AzureState, group: string, blockers: readonly Resource[]) {
  const ids = blockers.map((resource) => resource.id).join(',');
  return {
    code: 'ResourceGroupDeletionBlocked',
    message:
      `Deletion of resource group '${group}' failed as resources with identifiers '${ids}' could not be deleted. The provisioning ` +
      `state of the resource group will be rolled back. The tracking Id is '${state.simulation.randomGuid()}'. ` +
      'Please check audit logs for more details.',
    details: blockers.map((resource) => ({
      code: 'InUse',
      target: resource.id,
      message: `${resource.id} is in use by a resource of another resource group.`,
    })),
  };
}

/** Resources of the group that resources of other groups refer to, and what those refer to in turn. */
function usedFromOutside(state: AzureState, group: string): readonly Resource[] {
  const inside = resourcesIn(state, group);
  const open = [...state.resources.values()].filter((resource) => !inside.includes(resource));
  const used = new Set<Resource>();
  for (let resource = open.pop(); resource; resource = open.pop()) {
    const ids = referencesOf(resource).map((id) => idKey(id.replace(/\/subnets\/[^/]+$/i, '')));
    for (const entry of inside) {
      if (!ids.includes(idKey(entry.id)) || used.has(entry)) continue;
      used.add(entry);
      open.push(entry);
    }
  }
  return inside.filter((resource) => used.has(resource));
}

function referencesOf(resource: Resource): readonly string[] {
  switch (resource.type) {
    case 'Microsoft.Network/networkInterfaces':
      return [
        resource.properties.networkSecurityGroup?.id,
        ...resource.ipConfigurations.flatMap(({ properties }) => [
          properties.subnet?.id,
          properties.publicIPAddress?.id,
        ]),
      ].filter((id) => id !== undefined);
    case 'Microsoft.Network/virtualNetworks':
      return resource.subnets
        .map((subnet) => subnet.properties.networkSecurityGroup?.id)
        .filter((id) => id !== undefined);
    case 'Microsoft.Compute/virtualMachines':
      return [
        resource.osDisk.diskId,
        ...resource.dataDisks.map((disk) => disk.diskId),
        ...resource.nics.map((nic) => nic.id),
      ];
    default:
      return [];
  }
}

/** ≤ 90 letters, digits and `-._()`, not ending with a dot. */
function checkGroupName(name: string): void {
  const bad = [...new Set(name.replace(/[\p{L}\p{N}\-._()]/gu, ''))].join('');
  if (bad !== '') {
    throw refuse(
      400,
      'InvalidParameter',
      `The provided resource group name '${name}' has these invalid characters: '${bad}'. ` +
        "The name can only be a letter, digit, '-', '.', '(', ')' or '_'.",
    );
  }
  if (name.length > 90 || name.endsWith('.')) {
    throw refuse(
      400,
      'InvalidParameter',
      `The provided resource group name '${name}' is longer than 90 characters or ends with a dot.`,
    );
  }
}
