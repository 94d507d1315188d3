import { defaultAzureOptions } from '../src/lab/world/azure/options.js';

/** Quotas of a subscription in which so many workers of eight cores find room, and no more. */
export function quotasFor(workers: number): typeof defaultAzureOptions.quotas {
  const cores = workers * 8;
  const { families } = defaultAzureOptions.quotas;
  return { cores, lowPriorityCores: cores, families, defaultFamily: cores, publicIps: workers };
}
