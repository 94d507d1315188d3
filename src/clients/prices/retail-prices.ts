import { request } from 'undici';
import * as z from 'zod';

const itemSchema = z.object({
  retailPrice: z.number(),
  productName: z.string().default(''),
  skuName: z.string().default(''),
  meterName: z.string().default(''),
  armSkuName: z.string().default(''),
  unitOfMeasure: z.string().default(''),
  type: z.string().default('Consumption'),
});
export type RetailItem = z.infer<typeof itemSchema>;

const pageSchema = z.object({ Items: z.array(itemSchema), NextPageLink: z.string().nullish() });

/** A filter for one size gives tens of rows; more pages than this is a filter gone wrong. */
const MAX_PAGES = 20;

/** Reads every row of the Azure Retail Prices API for a filter. https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices */
export async function readRetailPrices(
  baseUrl: string,
  filter: string,
  signal: AbortSignal,
): Promise<readonly RetailItem[]> {
  const items: RetailItem[] = [];
  const first = new URL(baseUrl);
  first.searchParams.set('$filter', filter);
  let next: string | undefined = first.href;
  for (let page = 0; next !== undefined; page += 1) {
    if (page >= MAX_PAGES) throw new Error(`more than ${MAX_PAGES} pages of prices`);
    const { statusCode, body } = await request(next, { signal });
    if (statusCode !== 200) {
      await body.dump();
      throw new Error(`the price list answered HTTP ${statusCode}`);
    }
    const answer: z.infer<typeof pageSchema> = pageSchema.parse(await body.json());
    items.push(...answer.Items);
    next = nextPage(baseUrl, answer.NextPageLink);
  }
  return items;
}

/** The link names the public host with its port; only its query counts, so that a lab or proxy keeps being used. */
function nextPage(baseUrl: string, link: string | null | undefined): string | undefined {
  if (link === undefined || link === null || link === '') return undefined;
  const url = new URL(baseUrl);
  url.search = new URL(link, baseUrl).search;
  return url.href;
}

/** Asks for every price by the hour of a size in a region. */
export function vmFilter(vmSize: string, region: string): string {
  return `serviceName eq 'Virtual Machines' and armRegionName eq '${region}' and armSkuName eq '${vmSize}' and priceType eq 'Consumption'`;
}

/** The Linux row of a size: regular or spot; never Windows, Cloud Services or low priority. */
export function pickVm(items: readonly RetailItem[], spot: boolean): number | undefined {
  const rows = items.filter(
    (item) =>
      item.type === 'Consumption' &&
      !/windows|cloud ?services/i.test(item.productName) &&
      !/low priority/i.test(`${item.skuName} ${item.meterName}`) &&
      / spot$/i.test(item.meterName) === spot &&
      item.unitOfMeasure === '1 Hour',
  );
  return cheapest(rows);
}

/** Asks for every price of a tier of managed disks, such as `P10`, in a region. */
export function diskFilter(tier: string, region: string): string {
  return `serviceName eq 'Storage' and armRegionName eq '${region}' and skuName eq '${tier} LRS'`;
}

/** USD per month of a Premium SSD tier; not its bursting, shared or reserved rows. */
export function pickDisk(items: readonly RetailItem[], tier: string): number | undefined {
  return cheapest(
    items.filter(
      (item) =>
        item.productName === 'Premium SSD Managed Disks' &&
        item.unitOfMeasure === '1/Month' &&
        item.type === 'Consumption' &&
        (item.meterName === `${tier} LRS Disk` || item.meterName === `${tier} Disks`),
    ),
  );
}

/** Asks for every price of snapshots in a region. */
export function snapshotFilter(region: string): string {
  return `serviceName eq 'Storage' and armRegionName eq '${region}' and skuName eq 'Snapshots LRS'`;
}

/** USD per GB and month of a snapshot or image on Standard storage, whatever kind of disk it was taken of. */
export function pickSnapshot(items: readonly RetailItem[]): number | undefined {
  return cheapest(
    items.filter(
      (item) =>
        item.productName === 'Standard HDD Managed Disks' &&
        item.meterName === 'LRS Snapshots' &&
        item.unitOfMeasure === '1 GB/Month',
    ),
  );
}

/** Asks for every price of public addresses in a region. */
export function ipFilter(region: string): string {
  return `serviceName eq 'Virtual Network' and productName eq 'IP Addresses' and armRegionName eq '${region}'`;
}

/** USD per hour of a static public address of the Standard kind. */
export function pickIp(items: readonly RetailItem[]): number | undefined {
  return cheapest(
    items.filter((item) => item.meterName === 'Standard IPv4 Static Public IP' && item.unitOfMeasure === '1 Hour'),
  );
}

/** A meter may have several rows (tiers, dates); free first tiers do not count. */
function cheapest(rows: readonly RetailItem[]): number | undefined {
  const prices = rows.map((row) => row.retailPrice).filter((price) => price > 0);
  return prices.length === 0 ? undefined : Math.min(...prices);
}
