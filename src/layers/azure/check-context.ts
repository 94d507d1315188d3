import type { ArmClient, VirtualMachine, VmSku } from '../../clients/arm/arm.js';
import type { CallerAddressClient } from '../../clients/caller-address/caller-address.js';
import type { PricesClient } from '../../clients/prices/prices.js';
import type { Config } from '../../config/schema.js';
import type { Deadline } from '../../health/deadline.js';

/** What the preflight checks of the azure layer look at. */
export interface AzureCheckContext {
  readonly arm: ArmClient;
  readonly prices: PricesClient;
  readonly callerAddress: CallerAddressClient;
  readonly config: Config;
  readonly region: string;
  readonly vmSize: string;
  /** Names of the VMs that shall run. */
  readonly wantedVms: readonly string[];
  /** The deployment's resource group, when it may exist already. */
  readonly resourceGroup?: string;
  /** What the command may cost, in USD, over `hours`. */
  readonly maxCostUsd?: number;
  readonly hours: number;
  /** Sizes of a region, asked for once however many checks want them. */
  skus(region: string, deadline: Deadline): Promise<readonly VmSku[]>;
  /** VMs of the resource group, listed once however many checks want them; none where there is no group. */
  vms(deadline: Deadline): Promise<readonly VirtualMachine[]>;
}

/** Makes the context of one preflight; answers that several checks need are shared among them. */
export function createAzureCheckContext(parts: Omit<AzureCheckContext, 'skus' | 'vms'>): AzureCheckContext {
  const asked = new Map<string, Promise<readonly VmSku[]>>();
  const { arm, resourceGroup } = parts;
  let listed: Promise<readonly VirtualMachine[]> | undefined;
  return {
    ...parts,
    skus(region, deadline) {
      const known = asked.get(region);
      if (known) return known;
      const fresh = arm.vmSkus(region, deadline);
      asked.set(region, fresh);
      return fresh;
    },
    vms: (deadline) =>
      (listed ??= resourceGroup === undefined ? Promise.resolve([]) : arm.listVms(resourceGroup, deadline)),
  };
}
