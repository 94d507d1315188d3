import { invalidParameter, refuse } from './arm-error.js';
import { zones as allZones } from './regions.js';
import { findSize, vmSizes, type VmSize } from './sizes.js';
import type { AzureState } from './state.js';

/** The size by its name, or the refusal that lists the sizes of the region. */
export function sizeNamed(name: string | undefined): VmSize {
  if (name === undefined) {
    throw invalidParameter('hardwareProfile.vmSize', "Required parameter 'hardwareProfile.vmSize' is missing (null).");
  }
  const size = findSize(name);
  if (size) return size;
  throw invalidParameter(
    'vmSize',
    `The value ${name} provided for the VM size is not valid. The valid sizes in the current region are: ` +
      `${vmSizes.map((entry) => entry.name).join(',')}. Find out more on the valid VM sizes in each region at https://aka.ms/azure-regions.`,
  );
}

export interface Request {
  readonly vmId: string;
  readonly vmName: string;
  readonly location: string;
  readonly zones: readonly string[] | undefined;
}

/** Raises `SkuNotAvailable` when the subscription may not use the size there, and for the fault `azure-sku-unavailable`. */
export function checkOffer(state: AzureState, request: Request, size: VmSize): void {
  const { location, zones } = request;
  const restricted = state.options.restrictions.some(
    (entry) =>
      entry.size === size.name &&
      entry.region === location &&
      (entry.zones.length === 0 || (zones ?? []).some((zone) => entry.zones.includes(zone))),
  );
  if (restricted) {
    throw refuse(
      409,
      'SkuNotAvailable',
      `The requested size for resource '${request.vmId}' is currently not available in location '${location}' zones ` +
        `'${(zones ?? []).join()}' for subscription '${state.options.subscriptionId}'. Please try another size or deploy to a different ` +
        'location or zones. See https://aka.ms/azureskunotavailable for details.',
    );
  }
  if (state.simulation.faults.strikes('azure-sku-unavailable', request.vmName)) {
    throw refuse(
      409,
      'SkuNotAvailable',
      `The requested VM size for resource 'Following SKUs have failed for Capacity Restrictions: ${size.name}' is currently not ` +
        `available in location '${location}'. Please try another size or deploy to a different location or different zone. ` +
        'See https://aka.ms/azureskunotavailable for details.',
    );
  }
}

/** A VM is in no zone or in one that the region has. */
export function checkZones(zones: readonly string[] | undefined, vmName: string, location: string): void {
  if (!zones || zones.length === 0) return;
  if (zones.length === 1 && allZones.includes(zones[0] ?? '')) return;
  throw refuse(
    400,
    'AvailabilityZoneNotSupported',
    `The zone(s) '${zones.join()}' for resource 'Microsoft.Compute/virtualMachines/${vmName}' is not supported. ` +
      `The supported zones for location '${location}' are '${allZones.join()}'`,
  );
}
