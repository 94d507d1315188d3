import type { ResourceGroup } from '../clients/arm/arm.js';

/** True of a resource group on its way out; ARM has two words for it. */
export function isBeingDeleted({ provisioningState }: Pick<ResourceGroup, 'provisioningState'>): boolean {
  return /^(?:Deleting|Deprovisioning)$/i.test(provisioningState);
}
