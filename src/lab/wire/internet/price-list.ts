import { regions, type Region } from '../../world/azure/regions.js';
import { vmSizes, type VmSize } from '../../world/azure/sizes.js';

/** A row of the Azure Retail Prices API. https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices */
export interface PriceItem {
  readonly currencyCode: 'USD';
  readonly tierMinimumUnits: number;
  readonly retailPrice: number;
  readonly unitPrice: number;
  readonly armRegionName: string;
  readonly location: string;
  readonly effectiveStartDate: string;
  readonly meterId: string;
  readonly meterName: string;
  readonly productId: string;
  readonly skuId: string;
  readonly productName: string;
  readonly skuName: string;
  readonly serviceName: string;
  readonly serviceId: string;
  readonly serviceFamily: string;
  readonly unitOfMeasure: string;
  readonly type: 'Consumption' | 'Reservation';
  readonly isPrimaryMeterRegion: boolean;
  readonly armSkuName: string;
  readonly reservationTerm?: string;
}

type Meter = Pick<PriceItem, 'meterName' | 'productName' | 'skuName' | 'retailPrice' | 'unitOfMeasure' | 'armSkuName'>;
type Service = Pick<PriceItem, 'serviceName' | 'serviceId' | 'serviceFamily'>;

const virtualMachines: Service = {
  serviceName: 'Virtual Machines',
  serviceId: 'DZH313Z7MMC8',
  serviceFamily: 'Compute',
};
const storage: Service = { serviceName: 'Storage', serviceId: 'DZH317F1HKN0', serviceFamily: 'Storage' };
const network: Service = { serviceName: 'Virtual Network', serviceId: 'DZH3180HX10K', serviceFamily: 'Networking' };

/** Premium SSD, East US, USD a month, by tier. */
const premiumTiers: Readonly<Record<string, number>> = {
  P4: 5.28,
  P6: 10.21,
  P10: 19.71,
  P15: 38.02,
  P20: 73.22,
  P30: 135.17,
  P40: 259.05,
  P50: 495.57,
};
/** Standard SSD, East US, USD a month, by tier. */
const standardTiers: Readonly<Record<string, number>> = { E4: 2.4, E6: 4.8, E10: 9.6, E15: 19.2, E20: 38.4, E30: 76.8 };
const spotShare = 0.2;
const windowsPerCore = 0.046;

const round = (usd: number): number => Math.round(usd * 1e6) / 1e6;

/** The price list says `US East 2` and `EU West` where ARM says `East US 2` and `West Europe`. */
const billingName = (region: Region): string =>
  region.displayName.replace(
    /^(\w+) (US|Europe)/,
    (_, side: string, where: string) => `${where === 'US' ? 'US' : 'EU'} ${side}`,
  );

function itemOf(region: Region, service: Service, meter: Meter, extra: Partial<PriceItem> = {}): PriceItem {
  const usd = round(meter.retailPrice);
  // Stable and different for each meter; the real ones are GUIDs without meaning.
  const id = `${region.name}/${meter.productName}/${meter.meterName}`;
  return {
    currencyCode: 'USD',
    tierMinimumUnits: 0,
    armRegionName: region.name,
    location: billingName(region),
    effectiveStartDate: '2025-01-01T00:00:00Z',
    meterId: id,
    productId: meter.productName,
    skuId: `${meter.productName}/${meter.skuName}`,
    type: 'Consumption',
    isPrimaryMeterRegion: true,
    ...service,
    ...meter,
    retailPrice: usd,
    unitPrice: usd,
    ...extra,
  };
}

/** Linux, spot, low priority and Windows rows of a size, and a reservation: as many traps as the real list has. */
function vmItems(region: Region, size: VmSize): readonly PriceItem[] {
  const sku = size.name.replace('Standard_', '').replace('_', ' ');
  const series = sku.replace(/\d+/, '').split(' ').join('');
  const product = `Virtual Machines ${series.charAt(0).toUpperCase()}${series.slice(1)} Series`;
  const usd = size.usdPerHour * region.priceFactor;
  const windows = usd + size.cores * windowsPerCore;
  const row = (productName: string, skuName: string, retailPrice: number): Meter => ({
    productName,
    skuName,
    meterName: skuName,
    retailPrice,
    unitOfMeasure: '1 Hour',
    armSkuName: size.name,
  });
  const rows: Meter[] = [row(product, sku, usd), row(`${product} Windows`, sku, windows)];
  if (size.spotCapable) {
    rows.push(
      row(product, `${sku} Spot`, usd * spotShare),
      row(`${product} Windows`, `${sku} Spot`, windows * spotShare),
    );
    rows.push(row(product, `${sku} Low Priority`, usd * spotShare));
  }
  return [
    ...rows.map((meter) => itemOf(region, virtualMachines, meter)),
    itemOf(region, virtualMachines, row(product, sku, usd * 8760 * 0.6), {
      type: 'Reservation',
      reservationTerm: '1 Year',
    }),
  ];
}

function diskItems(region: Region, tiers: Readonly<Record<string, number>>, productName: string): readonly PriceItem[] {
  return Object.entries(tiers).flatMap(([tier, usd]) => {
    const meter = {
      productName,
      skuName: `${tier} LRS`,
      unitOfMeasure: '1/Month',
      armSkuName: '',
      retailPrice: usd * region.priceFactor,
    };
    return [
      itemOf(region, storage, { ...meter, meterName: `${tier} LRS Disk` }),
      itemOf(region, storage, {
        ...meter,
        meterName: `${tier} LRS Disk Mount`,
        retailPrice: usd * region.priceFactor * 0.05,
      }),
    ];
  });
}

/** By the kind of storage; skuName is the same for all of them. */
function snapshotItems(region: Region): readonly PriceItem[] {
  return Object.entries({ 'Standard HDD': 0.05, 'Premium SSD': 0.132 }).map(([kind, usd]) =>
    itemOf(region, storage, {
      productName: `${kind} Managed Disks`,
      skuName: 'Snapshots LRS',
      meterName: 'LRS Snapshots',
      retailPrice: usd * region.priceFactor,
      unitOfMeasure: '1 GB/Month',
      armSkuName: '',
    }),
  );
}

/** The lab's price list: its sizes, Premium and Standard SSD, snapshots, public addresses, in its regions. */
export function priceList(): readonly PriceItem[] {
  return regions.flatMap((region) => [
    ...vmSizes.flatMap((size) => vmItems(region, size)),
    ...diskItems(region, premiumTiers, 'Premium SSD Managed Disks'),
    ...diskItems(region, standardTiers, 'Standard SSD Managed Disks'),
    ...snapshotItems(region),
    itemOf(region, network, {
      productName: 'IP Addresses',
      skuName: 'Standard',
      meterName: 'Standard IPv4 Static Public IP',
      retailPrice: 0.005,
      unitOfMeasure: '1 Hour',
      armSkuName: '',
    }),
  ]);
}
