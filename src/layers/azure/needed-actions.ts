import type { Permission } from '../../clients/arm/arm.js';

/** What waa does in a subscription, as ARM actions. https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations */
export const NEEDED_ACTIONS: readonly string[] = [
  'Microsoft.Resources/subscriptions/resourceGroups/read',
  'Microsoft.Resources/subscriptions/resourceGroups/write',
  'Microsoft.Resources/subscriptions/resourceGroups/delete',
  'Microsoft.Compute/skus/read',
  'Microsoft.Compute/locations/usages/read',
  'Microsoft.Compute/virtualMachines/read',
  'Microsoft.Compute/virtualMachines/write',
  'Microsoft.Compute/virtualMachines/delete',
  'Microsoft.Compute/virtualMachines/start/action',
  'Microsoft.Compute/virtualMachines/deallocate/action',
  'Microsoft.Compute/virtualMachines/restart/action',
  'Microsoft.Compute/disks/write',
  'Microsoft.Compute/disks/delete',
  'Microsoft.Network/virtualNetworks/read',
  'Microsoft.Network/virtualNetworks/write',
  'Microsoft.Network/virtualNetworks/subnets/join/action',
  'Microsoft.Network/networkSecurityGroups/read',
  'Microsoft.Network/networkSecurityGroups/write',
  'Microsoft.Network/networkSecurityGroups/join/action',
  'Microsoft.Network/publicIPAddresses/read',
  'Microsoft.Network/publicIPAddresses/write',
  'Microsoft.Network/publicIPAddresses/join/action',
  'Microsoft.Network/networkInterfaces/read',
  'Microsoft.Network/networkInterfaces/write',
  'Microsoft.Network/networkInterfaces/join/action',
  'Microsoft.Compute/disks/read',
  'Microsoft.Resources/subscriptions/resources/read',
  'Microsoft.DevTestLab/schedules/read',
  'Microsoft.DevTestLab/schedules/write',
];

/** True when an action pattern covers an action: `*` matches any depth, case does not count. */
export function covers(pattern: string, action: string): boolean {
  const expression = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}$`, 'i').test(action);
}

/** The actions no role of the caller allows. An action is allowed when one entry covers it and does not take it back. */
export function missingActions(
  permissions: readonly Permission[],
  needed: readonly string[] = NEEDED_ACTIONS,
): readonly string[] {
  const allowed = (action: string): boolean =>
    permissions.some(
      (entry) =>
        entry.actions.some((pattern) => covers(pattern, action)) &&
        !entry.notActions.some((pattern) => covers(pattern, action)),
    );
  return needed.filter((action) => !allowed(action));
}
