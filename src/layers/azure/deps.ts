import type { ArmClient } from '../../clients/arm/arm.js';
import type { CallerAddressClient } from '../../clients/caller-address/caller-address.js';
import type { WorkerPlan } from '../worker-plan.js';

/** What the azure layer works with. */
export interface AzureLayerDeps {
  readonly arm: ArmClient;
  readonly callerAddress: CallerAddressClient;
  /** The worker's plan: fixes the budgets of the layer. */
  readonly plan: WorkerPlan;
}
