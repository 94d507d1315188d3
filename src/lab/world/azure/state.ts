import type { MachineFactory } from '../contracts.js';
import type { Simulation } from '../simulation.js';
import { refuse } from './arm-error.js';
import type { Tags } from './bodies/common.js';
import { idKey, resourceIdOf } from './ids.js';
import type { Meter } from './meter.js';
import type { Resource, ResourceGroup, ResourceOf, ResourceType } from './model.js';
import type { Operation, Operations } from './operations.js';
import type { AzureOptions } from './options.js';
import { findRegion, regions } from './regions.js';

export type RegistrationState = 'NotRegistered' | 'Registering' | 'Registered';

/** How the deletion of a resource group went; kept under a token, as ARM keeps it for its `operationresults`. */
export interface GroupDeletion {
  readonly group: string;
  outcome: 'running' | 'done' | { readonly status: number; readonly error: Operation['error'] };
}

/** Everything a subscription holds. Its parts are functions over this. */
export interface AzureState {
  readonly simulation: Simulation;
  readonly createMachine: MachineFactory;
  readonly options: AzureOptions;
  readonly groups: Map<string, ResourceGroup>;
  readonly resources: Map<string, Resource>;
  readonly operations: Operations;
  readonly groupDeletions: Map<string, GroupDeletion>;
  /** By lower-case namespace. */
  readonly providers: Map<string, RegistrationState>;
  /** By lower-case `namespace/feature`. */
  readonly features: Map<string, RegistrationState>;
  /** What is billed, by lower-case VM id; outlives the VM. */
  readonly meters: Map<string, Meter>;
  /** Addresses handed out, for good: a released address does not come back. */
  readonly usedAddresses: Set<string>;
}

/** Where a request wants a resource, in the request's own spelling. */
export interface Place {
  readonly group: string;
  readonly name: string;
}

/** What a write answers. `operation` is missing when it was done at once. */
export interface Written<R> {
  readonly resource: R;
  readonly created: boolean;
  readonly operation: Operation | undefined;
}

/** A resource group by its name; case does not matter. */
export const findGroup = (state: AzureState, name: string): ResourceGroup | undefined =>
  state.groups.get(name.toLowerCase());

/** The group, or 404 `ResourceGroupNotFound`. */
export function groupOf(state: AzureState, name: string): ResourceGroup {
  const group = findGroup(state, name);
  if (!group) throw refuse(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
  return group;
}

/** The group, or 409 while it is being deleted. */
export function writableGroup(state: AzureState, name: string): ResourceGroup {
  const group = groupOf(state, name);
  if (group.provisioningState === 'Deleting') {
    throw refuse(
      409,
      'ResourceGroupBeingDeleted',
      `The resource group '${group.name}' is in deprovisioning state and cannot perform this operation.`,
    );
  }
  return group;
}

/** A resource by id, whatever its type. */
export const findById = (state: AzureState, id: string | undefined): Resource | undefined =>
  id === undefined ? undefined : state.resources.get(idKey(id));

/** A resource by id, if it is of this type. */
export function findTyped<T extends ResourceType>(
  state: AzureState,
  type: T,
  id: string | undefined,
): ResourceOf<T> | undefined {
  const resource = findById(state, id);
  return resource?.type === type ? (resource as ResourceOf<T>) : undefined;
}

/** Id of what stands, or will stand, at a place; the group is spelt as it was made. */
export const placeId = (state: AzureState, type: ResourceType, place: Place): string =>
  resourceIdOf(state.options.subscriptionId, findGroup(state, place.group)?.name ?? place.group, type, place.name);

/** What stands at a place. */
export const findAt = <T extends ResourceType>(state: AzureState, type: T, place: Place): ResourceOf<T> | undefined =>
  findTyped(state, type, placeId(state, type, place));

/** The resource, or 404 in ARM's words. */
export function resourceAt<T extends ResourceType>(state: AzureState, type: T, place: Place): ResourceOf<T> {
  groupOf(state, place.group);
  const found = findAt(state, type, place);
  if (!found) {
    throw refuse(
      404,
      'ResourceNotFound',
      `The Resource '${type}/${place.name}' under resource group '${place.group}' was not found. ` +
        'For more details please go to https://aka.ms/ARMResourceNotFoundFix',
    );
  }
  return found;
}

/** All of a type, in one group or in the subscription, oldest first. */
export function listOf<T extends ResourceType>(state: AzureState, type: T, group?: string): readonly ResourceOf<T>[] {
  return [...state.resources.values()].filter(
    (resource): resource is ResourceOf<T> =>
      resource.type === type && (group === undefined || resource.group.toLowerCase() === group.toLowerCase()),
  );
}

/** Everything in a group. */
export const resourcesIn = (state: AzureState, group: string): readonly Resource[] =>
  [...state.resources.values()].filter((resource) => resource.group.toLowerCase() === group.toLowerCase());

/** Checks a location against the regions there are and against where the resource already is; returns its short name. */
export function placeLocation(state: AzureState, type: ResourceType, place: Place, location: string): string {
  const region = findRegion(location);
  if (!region) {
    const list = regions.map((entry) => entry.name).join(',');
    throw refuse(
      400,
      'LocationNotAvailableForResourceType',
      `The provided location '${location}' is not available for resource type '${type}'. ` +
        `List of available regions for the resource type is '${list}'.`,
    );
  }
  const existing = findAt(state, type, place);
  if (existing && existing.location !== region.name) {
    throw refuse(
      409,
      'InvalidResourceLocation',
      `The resource '${place.name}' already exists in location '${existing.location}' in resource group '${existing.group}'. ` +
        `A resource with the same name cannot be created in location '${region.name}'. Please select a new resource name.`,
    );
  }
  return region.name;
}

/** The fields that every new resource begins with. */
export function newTracked<T extends ResourceType>(
  state: AzureState,
  type: T,
  place: Place,
  location: string,
  tags: Tags,
) {
  const { simulation } = state;
  return {
    type,
    id: placeId(state, type, place),
    name: place.name,
    group: groupOf(state, place.group).name,
    location,
    guid: simulation.randomGuid(),
    createdAt: simulation.now,
    changedAt: simulation.now,
    revision: 1,
    tags,
    provisioningState: 'Creating' as const,
    operation: undefined,
  };
}

/** Puts a resource under its id, in place of what had it before. */
export function add(state: AzureState, resource: Resource): void {
  state.resources.set(idKey(resource.id), resource);
}

/** Takes a resource away; what was under way on it ends as preempted. */
export function remove(state: AzureState, resource: Resource): void {
  resource.operation?.preempt();
  state.resources.delete(idKey(resource.id));
}

/** Marks a write. */
export function touch(state: AzureState, resource: Resource): void {
  resource.changedAt = state.simulation.now;
  resource.revision += 1;
}
