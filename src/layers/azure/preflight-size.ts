import { asWaaError, fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { Check } from '../../preflight/check.js';
import { looking, pass, problem } from '../../preflight/outcomes.js';
import type { AzureCheckContext } from './check-context.js';
import { fits, nearestSizes, nestedSeriesOf, sizeNeeds } from './vm-sizes.js';

/** Requirement P3: the size exists, may be used here, supports nested virtualization and is large enough. */
export const sizeCheck: Check<AzureCheckContext> = {
  id: 'azure-size',
  title: 'VM size',
  requirement: 'P3',
  severity: 'critical',
  run: (context, deadline) =>
    looking(async () => {
      const { region, vmSize: size, config } = context;
      const needs = sizeNeeds(config.windows);
      const skus = await context.skus(region, deadline);
      const sku = skus.find((one) => one.name.toLowerCase() === size.toLowerCase());
      const here = nearestSizes(skus, size, needs, config.azure.vmSizeFallbacks);

      if (!nestedSeriesOf(size)) return problem(fail('AZURE_SIZE_NOT_NESTED', { size, nearest: here.join(', ') }));
      if (!sku) {
        const nearest = await elsewhere(context, here, deadline);
        return problem(fail('AZURE_SIZE_UNKNOWN', { size, region, nearest }));
      }
      if (sku.restrictions.length > 0) {
        const nearest = await elsewhere(context, here, deadline);
        return problem(fail('AZURE_SIZE_UNAVAILABLE', { size, region, nearest }));
      }
      if (!fits(sku, needs)) {
        const { vCpus, memoryGb } = sku;
        return problem(
          fail('AZURE_SIZE_TOO_SMALL', { size, vCpus, memoryGb, neededCpus: needs.vCpus, neededGb: needs.memoryGb }),
        );
      }
      return pass(`${sku.name}: ${sku.vCpus} vCPUs, ${sku.memoryGb} GB, nested virtualization`, { family: sku.family });
    }),
};

/** Sizes of this region that do, and regions of the fallback list that have the wanted one. */
async function elsewhere(context: AzureCheckContext, here: readonly string[], deadline: Deadline): Promise<string> {
  const needs = sizeNeeds(context.config.windows);
  const regions = context.config.azure.regionFallbacks.filter((region) => region !== context.region);
  const found = await Promise.all(
    regions.map(async (region) => {
      try {
        const skus = await context.skus(region, deadline);
        const sku = skus.find((one) => one.name.toLowerCase() === context.vmSize.toLowerCase());
        return sku && fits(sku, needs) ? [`${context.vmSize} in ${region}`] : [];
      } catch (error) {
        return [`(${region} could not be asked: ${asWaaError(error).code})`];
      }
    }),
  );
  return [...here, ...found.flat()].join(', ');
}
