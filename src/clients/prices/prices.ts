import type { Deadline } from '../../health/deadline.js';

/** Where a price comes from: the price list now, the cache, or the built-in table; `asOf` is its date. */
export interface PriceOrigin {
  readonly source: 'retail' | 'cache' | 'built-in';
  readonly asOf: string;
}

export interface HourlyPrice extends PriceOrigin {
  readonly usdPerHour: number;
}

/** What is billed by the day beside compute. Snapshots and images are billed by the GB in use; `gb` is the most it can be. */
export type StoredItem =
  | { readonly kind: 'disk'; readonly gb: number }
  | { readonly kind: 'address' }
  | { readonly kind: 'snapshot'; readonly gb: number };

/** Azure Retail Prices API (https://prices.azure.com/api/retail/prices), Linux, pay as you go or spot. */
export interface PricesClient {
  vmPrice(vmSize: string, region: string, spot: boolean, deadline: Deadline): Promise<HourlyPrice>;
  /** USD per day of a Premium SSD, a Standard static public IPv4, a snapshot or image on Standard storage. */
  itemPerDay(item: StoredItem, region: string, deadline: Deadline): Promise<number>;
  /** USD per day of Premium SSDs of these sizes plus one Standard static public IPv4. */
  storagePerDay(diskGbs: readonly number[], region: string, deadline: Deadline): Promise<number>;
}
