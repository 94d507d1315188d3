import type { ArmClient, VirtualMachine, VmSku } from '../../clients/arm/arm.js';
import type { CallerAddressClient } from '../../clients/caller-address/caller-address.js';
import type { PricesClient } from '../../clients/prices/prices.js';
import type { Config } from '../../config/schema.js';
import { asWaaError, type WaaError } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { CheckOutcome, CheckSeverity } from '../../preflight/check.js';

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

/** The outcome of a check that found what it wants, with what a later step may use of it. */
export const pass = (detail: string, facts?: unknown): CheckOutcome =>
  facts === undefined ? { outcome: 'pass', detail } : { outcome: 'pass', detail, facts };

/** The outcome of a check that found a failure; by default as severe as the check's own. */
export const problem = (failure: WaaError, severity?: CheckSeverity): CheckOutcome => ({
  outcome: 'problem',
  problem: failure.report(),
  ...(severity === undefined ? {} : { severity }),
});

/**
 * Runs a look. A permanent failure of the look is a problem of its own (no login, no right); any other failure means
 * the check could not run, which is neither pass nor fail.
 */
export async function looking(look: () => Promise<CheckOutcome>): Promise<CheckOutcome> {
  try {
    return await look();
  } catch (error) {
    const failure = asWaaError(error);
    return failure.disposition === 'permanent'
      ? problem(failure)
      : { outcome: 'could-not-run', problem: failure.report() };
  }
}
