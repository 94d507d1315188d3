import type { Config } from '../config/schema.js';
import type { GoldenDisk, HostPlan, WorkerPlan } from '../layers/worker-plan.js';
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
  readonly otherSizes?: readonly string[] | undefined;
  readonly spot?: boolean | undefined;
  /** Zones of the deployment; each worker begins with another one. */
  readonly zones?: readonly string[] | undefined;
  /** The golden image it begins with. */
  readonly golden?: GoldenDisk | undefined;
  /** A host that exists without us. */
  readonly host?: HostPlan & { readonly dataDirectory: string };
}

/** The plan of one worker: everything the walk needs to know, fixed when the deployment is made. */
export function buildWorkerPlan(parts: PlanParts): WorkerPlan {
  const deployment = validateDeploymentName(parts.deployment);
  return {
    deployment,
    worker: parts.worker,
    owner: parts.owner,
    resourceGroup: resourceGroupName(deployment),
    vmName: vmName(deployment, parts.worker),
    region: parts.region ?? parts.config.azure.region,
    vmSize: parts.vmSize ?? parts.config.azure.vmSize,
    sshPublicKey: parts.sshPublicKey.trim(),
    createdAt: new Date(parts.createdAtMs).toISOString(),
    dataDirectory: parts.host?.dataDirectory ?? DATA_DIRECTORY,
    config: parts.host?.allowTcg === true ? withEmulationLimits(parts.config) : asPlaced(parts),
    ...(parts.zones === undefined ? {} : { zones: zonesOf(parts.worker, parts.zones) }),
    ...(parts.golden === undefined ? {} : { golden: parts.golden }),
    ...(parts.host === undefined ? {} : { host: parts.host }),
  };
}

/** A copy of a disk cannot be smaller than the disk. */
export function dataDiskGbOf({ azure }: Pick<Config, 'azure'>, golden: Pick<GoldenDisk, 'gb'> | undefined): number {
  return Math.max(azure.dataDiskGb, golden?.gb ?? 0);
}

/** The configuration with what was settled when the deployment was made, which holds whatever is configured by now. */
export function asPlaced({
  config,
  spot,
  otherSizes,
  golden,
}: Pick<PlanParts, 'config' | 'spot' | 'otherSizes' | 'golden'>): Config {
  const { azure } = config;
  const vmSizeFallbacks = otherSizes === undefined ? azure.vmSizeFallbacks : [...otherSizes];
  const dataDiskGb = dataDiskGbOf(config, golden);
  return { ...config, azure: { ...azure, spot: spot ?? azure.spot, vmSizeFallbacks, dataDiskGb } };
}

/** All zones, beginning with another one for each worker: a zone that is full or fails takes few of them. */
function zonesOf(worker: string, zones: readonly string[]): readonly string[] {
  const first = Number(worker.slice(1)) % zones.length;
  return [...zones.slice(first), ...zones.slice(0, first)];
}

/** Software emulation is slower by an order of magnitude; a layer that makes progress is given that much longer. */
const EMULATION_FACTOR = 10;

function withEmulationLimits(config: Config): Config {
  const { windows, server, qemu } = config.timeouts;
  const longer = (limits: Config['timeouts']['windows']): Config['timeouts']['windows'] => ({
    checkS: limits.checkS,
    provisionS: limits.provisionS * EMULATION_FACTOR,
    recoverS: limits.recoverS * EMULATION_FACTOR,
  });
  return {
    ...config,
    timeouts: { ...config.timeouts, qemu: longer(qemu), windows: longer(windows), server: longer(server) },
  };
}
