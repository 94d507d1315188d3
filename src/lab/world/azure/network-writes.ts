import { refuse } from './arm-error.js';
import { idKey } from './ids.js';
import type { NetworkInterface, NetworkSecurityGroup, PublicIp, VirtualNetwork } from './model.js';
import type { Operation } from './operations.js';
import type { AzureState } from './state.js';
import { remove, touch } from './state.js';

export type NetworkResource = NetworkSecurityGroup | VirtualNetwork | PublicIp | NetworkInterface;

/** Refuses a write on a resource that another operation is changing. */
export function checkIdle(resource: NetworkResource | undefined): void {
  const running = resource?.operation;
  if (!resource || running?.status !== 'InProgress') return;
  throw refuse(
    409,
    'AnotherOperationInProgress',
    'Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: ' +
      `https://management.azure.com/subscriptions/${resource.id.split('/')[2] ?? ''}/providers/Microsoft.Network/locations/` +
      `${resource.location}/operations/${running.id}?api-version=2025-05-01.`,
  );
}

/** Marks the resource as changing; it is `Succeeded` after a drawn while. */
export function settle(state: AzureState, resource: NetworkResource, created: boolean): Operation {
  const name = created ? 'create' : 'update';
  const operation = state.operations.begin('Microsoft.Network', resource.location, name, resource.name);
  resource.operation = operation;
  resource.provisioningState = 'Updating';
  touch(state, resource);
  operation.after(state.simulation.draw('azure.network'), () => {
    resource.provisioningState = 'Succeeded';
    touch(state, resource);
    operation.succeed();
  });
  return operation;
}

/** Marks the resource as going; it is gone after a drawn while. A deletion already running is returned again. */
export function beginNetworkDelete(state: AzureState, resource: NetworkResource): Operation {
  if (resource.provisioningState === 'Deleting' && resource.operation) return resource.operation;
  checkIdle(resource);
  const operation = state.operations.begin('Microsoft.Network', resource.location, 'delete', resource.name);
  resource.operation = operation;
  resource.provisioningState = 'Deleting';
  operation.after(state.simulation.draw('azure.network'), () => {
    operation.succeed();
    remove(state, resource);
  });
  return operation;
}

/** A resource that others refer to must be there, in the same region and ready. */
export function checkReferenced(resource: NetworkResource, by: string): void {
  if (resource.provisioningState === 'Succeeded' || resource.provisioningState === 'Failed') return;
  throw refuse(
    409,
    'ReferencedResourceNotProvisioned',
    `Cannot proceed with operation because resource ${resource.id} used by resource ${by} is not in Succeeded state. ` +
      `Resource is in ${resource.provisioningState} state and the last operation that updated/is updating the resource is ` +
      `${resource.operation?.name ?? 'unknown'}.`,
  );
}

/** Ids of the ip configurations of `nics` that `uses` accepts. */
export function ipConfigurationIds(
  nics: readonly NetworkInterface[],
  uses: (configuration: NetworkInterface['ipConfigurations'][number]) => boolean,
): readonly string[] {
  return nics.flatMap((nic) =>
    nic.ipConfigurations.filter(uses).map((entry) => `${nic.id}/ipConfigurations/${entry.name}`),
  );
}

/** True of two ids of the same resource: ids of ARM differ in case only. */
export const equalIds = (a: string | undefined, b: string): boolean => a !== undefined && idKey(a) === idKey(b);
