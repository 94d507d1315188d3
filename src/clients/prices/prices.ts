import type { Deadline } from '../../health/deadline.js';

export interface HourlyPrice {
  readonly usdPerHour: number;
  /** `retail` from the price list now, `cache`, or `built-in` with the date of the table. */
  readonly source: 'retail' | 'cache' | 'built-in';
  readonly asOf: string;
}

/** Azure Retail Prices API (https://prices.azure.com/api/retail/prices), Linux, pay as you go or spot. */
export interface PricesClient {
  vmPrice(vmSize: string, region: string, spot: boolean, deadline: Deadline): Promise<HourlyPrice>;
  /** USD per day of a Premium SSD of this size plus one Standard static public IPv4. */
  storagePerDay(diskGb: number, region: string, deadline: Deadline): Promise<number>;
}
