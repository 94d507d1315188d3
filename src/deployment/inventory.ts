import type { ResourceRef, StoredSize, VirtualMachine } from '../clients/arm/arm.js';
import type { StoredItem } from '../clients/prices/prices.js';
import { isBilled } from './cost.js';

/** What a resource is billed as; undefined when it costs nothing by itself. */
export type Billed = StoredItem | { readonly kind: 'vm'; readonly vm: VirtualMachine };

const lower = (text: string): string => text.toLowerCase();

/** How a resource is billed, from its type and the sizes Azure lists. Pure. */
export function billedAs(
  { id, type }: Pick<ResourceRef, 'id' | 'type'>,
  vms: readonly VirtualMachine[],
  sizes: readonly StoredSize[],
): Billed | undefined {
  switch (lower(type)) {
    case 'microsoft.compute/virtualmachines': {
      const vm = vms.find((one) => lower(one.id) === lower(id));
      return vm && isBilled(vm.power) ? { kind: 'vm', vm } : undefined;
    }
    case 'microsoft.compute/disks':
    case 'microsoft.compute/snapshots':
    case 'microsoft.compute/images': {
      const size = sizes.find((one) => lower(one.id) === lower(id));
      return size && { kind: size.kind === 'disks' ? 'disk' : 'snapshot', gb: size.gb };
    }
    case 'microsoft.network/publicipaddresses':
      return { kind: 'address' };
    default:
      return undefined;
  }
}
