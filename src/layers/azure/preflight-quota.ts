import type { Usage } from '../../clients/arm/arm.js';
import { fail, type WaaError } from '../../failures/waa-error.js';
import type { Check } from '../../preflight/check.js';
import { looking, pass, problem, type AzureCheckContext } from './check-context.js';

/** Names of the public address counters; a subscription shows some of them. A worker counts in each. */
const PUBLIC_IP_COUNTERS = ['PublicIPAddresses', 'StaticPublicIPAddresses', 'StandardSkuPublicIpAddresses'] as const;

const find = (usages: readonly Usage[], name: string): Usage | undefined =>
  usages.find((usage) => usage.name.toLowerCase() === name.toLowerCase());

/** Requirement P2: vCPUs of the family and of the region (spot has one pool of its own), and public addresses. */
export const quotaCheck: Check<AzureCheckContext> = {
  id: 'azure-quota',
  title: 'Quota for vCPUs and public addresses',
  requirement: 'P2',
  severity: 'critical',
  run: (context, deadline) =>
    looking(async () => {
      const { arm, region, vmSize, workers } = context;
      const [skus, compute, network] = await Promise.all([
        context.skus(region, deadline),
        arm.computeUsages(region, deadline),
        arm.networkUsages(region, deadline),
      ]);
      const sku = skus.find((one) => one.name.toLowerCase() === vmSize.toLowerCase());
      if (!sku) return { outcome: 'skipped', detail: `${vmSize} is not offered in ${region}; see azure-size` };

      const required = sku.vCpus * workers;
      const counters = context.config.azure.spot ? ['lowPriorityCores'] : [sku.family, 'cores'];
      for (const counter of counters) {
        const usage = find(compute, counter);
        const short = usage && shortOf(usage, required, region);
        if (short) return problem(short);
      }
      for (const counter of PUBLIC_IP_COUNTERS) {
        const usage = find(network, counter);
        if (usage && usage.limit - usage.current < workers) {
          return problem(
            fail('AZURE_PUBLIC_IP_QUOTA', { region, limit: usage.limit, used: usage.current, required: workers }),
          );
        }
      }
      return pass(`${required} vCPUs of ${counters.join(' and ')}, ${workers} public address(es) in ${region}`);
    }),
};

function shortOf(usage: Usage, required: number, region: string): WaaError | undefined {
  if (usage.limit - usage.current >= required) return undefined;
  return fail('AZURE_QUOTA_EXCEEDED', { quota: usage.name, region, limit: usage.limit, used: usage.current, required });
}
