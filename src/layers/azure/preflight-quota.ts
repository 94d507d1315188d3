import type { Usage, VmSku } from '../../clients/arm/arm.js';
import { fail, type WaaError } from '../../failures/waa-error.js';
import type { Check } from '../../preflight/check.js';
import { looking, pass, problem } from '../../preflight/outcomes.js';
import type { AzureCheckContext } from './check-context.js';
import { vmDemand, type VmDemand } from './vm-demand.js';

/** Names of the public address counters; a subscription shows some of them. A worker counts in each. */
const PUBLIC_IP_COUNTERS = ['PublicIPAddresses', 'StaticPublicIPAddresses', 'StandardSkuPublicIpAddresses'] as const;

const find = (usages: readonly Usage[], name: string): Usage | undefined =>
  usages.find((usage) => usage.name.toLowerCase() === name.toLowerCase());

/** vCPU counters that new VMs must fit in: those of family and region, for spot one pool of its own. */
const countersOf = (sku: VmSku, spot: boolean): readonly string[] =>
  spot ? ['lowPriorityCores'] : [sku.family, 'cores'];

/** The first counter, of vCPUs or public addresses, that so many more do not fit in. What needs nothing fits anywhere. */
export function quotaProblem(
  usages: readonly Usage[],
  sku: VmSku,
  { vms, addresses, spot, region }: VmDemand & { readonly spot: boolean; readonly region: string },
): WaaError | undefined {
  const required = sku.vCpus * vms;
  const holds = (usage: Usage, more: number): boolean => more === 0 || usage.limit - usage.current >= more;
  for (const counter of countersOf(sku, spot)) {
    const usage = find(usages, counter);
    if (!usage || holds(usage, required)) continue;
    const { name: quota, limit, current: used } = usage;
    return fail('AZURE_QUOTA_EXCEEDED', { quota, region, limit, used, required });
  }
  for (const counter of PUBLIC_IP_COUNTERS) {
    const usage = find(usages, counter);
    if (!usage || holds(usage, addresses)) continue;
    const { limit, current: used } = usage;
    return fail('AZURE_PUBLIC_IP_QUOTA', { region, limit, used, required: addresses });
  }
  return undefined;
}

/** Requirement P2: vCPUs of the family and of the region (spot has one pool of its own), and public addresses. */
export const quotaCheck: Check<AzureCheckContext> = {
  id: 'azure-quota',
  title: 'Quota for vCPUs and public addresses',
  requirement: 'P2',
  severity: 'critical',
  run: (context, deadline) =>
    looking(async () => {
      const { arm, region, vmSize, wantedVms } = context;
      const { spot } = context.config.azure;
      const [standing, skus, compute, network] = await Promise.all([
        context.vms(deadline),
        context.skus(region, deadline),
        arm.computeUsages(region, deadline),
        arm.networkUsages(region, deadline),
      ]);
      const sku = skus.find((one) => one.name.toLowerCase() === vmSize.toLowerCase());
      if (!sku) return { outcome: 'skipped', detail: `${vmSize} is not offered in ${region}; see azure-size` };
      const demand = vmDemand(wantedVms, standing);
      const { vms, addresses } = demand;
      if (vms === 0) return pass(`all VMs (${wantedVms.length}) have their vCPUs and addresses already`);
      const short = quotaProblem([...compute, ...network], sku, { ...demand, spot, region });
      if (short) return problem(short);
      const counters = countersOf(sku, spot).join(' and ');
      return pass(`${sku.vCpus * vms} vCPUs of ${counters}, ${addresses} public address(es) in ${region}`);
    }),
};
