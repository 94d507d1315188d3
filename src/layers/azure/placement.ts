import type { ArmClient, Usage, VmSku } from '../../clients/arm/arm.js';
import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { quotaProblem } from './preflight-quota.js';
import { fits, nestedSeriesOf, type SizeNeeds } from './vm-sizes.js';

/** What a deployment asks for. */
export interface PlacementRequest {
  readonly workers: number;
  readonly spot: boolean;
  /** Workers shall be spread over availability zones. */
  readonly zones: boolean;
  /** In the order of preference. */
  readonly regions: readonly string[];
  readonly sizes: readonly string[];
  readonly needs: SizeNeeds;
}

export interface Rejection {
  readonly region: string;
  readonly size: string;
  readonly reason: string;
}

export interface Placement {
  readonly region: string;
  readonly vmSize: string;
  /** Sizes of the region that would do as well, for the day on which there is no room for the first. */
  readonly otherSizes: readonly string[];
  /** Zones that have the size; set when zones were asked for. */
  readonly zones?: readonly string[];
  readonly rejected: readonly Rejection[];
}

/**
 * The first region and size in which all workers have a place, by what Azure says of sizes, restrictions and quota: three
 * requests a region, nothing is created. Raises AZURE_NO_PLACEMENT with the reason of each that was rejected, and how many
 * workers would have had room.
 */
export async function choosePlacement(
  arm: Pick<ArmClient, 'vmSkus' | 'computeUsages' | 'networkUsages'>,
  request: PlacementRequest,
  deadline: Deadline,
): Promise<Placement> {
  const rejected: Rejection[] = [];
  let most = { workers: 0, where: '' };
  for (const region of request.regions) {
    const [skus, compute, network] = await Promise.all([
      arm.vmSkus(region, deadline),
      arm.computeUsages(region, deadline),
      arm.networkUsages(region, deadline),
    ]);
    const usages = [...compute, ...network];
    const good: VmSku[] = [];
    for (const size of request.sizes) {
      const sku = skus.find((one) => one.name.toLowerCase() === size.toLowerCase());
      const reason = rejection(sku, size, region, usages, request);
      if (reason === undefined && sku) {
        good.push(sku);
        continue;
      }
      rejected.push({ region, size, reason: reason ?? '' });
      const fitting = sku ? roomFor(sku, size, region, usages, request) : 0;
      if (fitting > most.workers) most = { workers: fitting, where: `${size} in ${region}` };
    }
    const [first, ...others] = good;
    if (!first) continue;
    const otherSizes = others.map((sku) => sku.name);
    const zones = request.zones ? { zones: first.zones } : {};
    return { region, vmSize: first.name, otherSizes, ...zones, rejected };
  }
  throw fail(
    'AZURE_NO_PLACEMENT',
    { workers: request.workers, most: most.workers === 0 ? 'none' : `${most.workers} x ${most.where}` },
    { evidence: request.regions.map((region) => reasonsIn(region, rejected)) },
  );
}

/** What stands in the way in one region, a line for each size. */
function reasonsIn(region: string, rejected: readonly Rejection[]): { readonly title: string; readonly text: string } {
  const own = rejected.filter((one) => one.region === region);
  return { title: region, text: own.map(({ size, reason }) => `${size}: ${reason}`).join('\n') };
}

/** How many of the workers have a place, were they fewer. */
function roomFor(
  sku: VmSku,
  size: string,
  region: string,
  usages: readonly Usage[],
  request: PlacementRequest,
): number {
  for (let workers = request.workers - 1; workers > 0; workers -= 1)
    if (rejection(sku, size, region, usages, { ...request, workers }) === undefined) return workers;
  return 0;
}

/** Why a size will not do in a region; undefined when it will. */
function rejection(
  sku: VmSku | undefined,
  size: string,
  region: string,
  usages: readonly Usage[],
  { workers, spot, zones, needs }: PlacementRequest,
): string | undefined {
  if (!nestedSeriesOf(size)) return 'not known to support nested virtualization';
  if (!sku) return 'not offered';
  if (sku.restrictions.length > 0) return `restricted: ${sku.restrictions.join(', ')}`;
  if (!fits(sku, needs)) return `too small: ${sku.vCpus} vCPUs, ${sku.memoryGb} GB`;
  if (zones && sku.zones.length === 0) return 'not offered in a zone';
  return quotaProblem(usages, sku, { vms: workers, addresses: workers, spot, region })?.message;
}
