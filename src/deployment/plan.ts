import type { Config } from '../config/schema.js';
import type { WorkerPlan } from '../layers/worker-plan.js';
import { resourceGroupName, validateDeploymentName, vmName } from './names.js';

/** Where the managed data disk is mounted on every worker we create. */
export const DATA_DIRECTORY = '/data';

export interface PlanParts {
  readonly deployment: string;
  /** `w0`, `w1`, ... */
  readonly worker: string;
  readonly owner: string;
  readonly config: Config;
  readonly sshPublicKey: string;
  /** Epoch ms at which the deployment was made. */
  readonly createdAtMs: number;
  /** Where they differ from the configuration: after a fall-back to another region or size. */
  readonly region?: string;
  readonly vmSize?: string;
}

/** The plan of one worker: everything the walk needs to know, fixed when the deployment is made. */
export function buildWorkerPlan(parts: PlanParts): WorkerPlan {
  const deployment = validateDeploymentName(parts.deployment);
  return {
    deployment,
    worker: parts.worker,
    owner: parts.config.azure.owner ?? parts.owner,
    resourceGroup: resourceGroupName(deployment),
    vmName: vmName(deployment, parts.worker),
    region: parts.region ?? parts.config.azure.region,
    vmSize: parts.vmSize ?? parts.config.azure.vmSize,
    sshPublicKey: parts.sshPublicKey.trim(),
    createdAt: new Date(parts.createdAtMs).toISOString(),
    dataDirectory: DATA_DIRECTORY,
    config: parts.config,
  };
}
