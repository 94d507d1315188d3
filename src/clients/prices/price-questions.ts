import {
  BUILT_IN_IP_USD_PER_HOUR,
  BUILT_IN_SNAPSHOT_USD_PER_GB_MONTH,
  BUILT_IN_SPOT_SHARE,
  BUILT_IN_VM_USD_PER_HOUR,
  premiumTier,
} from './built-in-prices.js';
import type { StoredItem } from './prices.js';
import {
  diskFilter,
  ipFilter,
  pickDisk,
  pickIp,
  pickSnapshot,
  pickVm,
  snapshotFilter,
  vmFilter,
  type RetailItem,
} from './retail-prices.js';

/** By Azure, for what it bills by the month. */
const HOURS_PER_MONTH = 730;

/** What is asked of the price list, and what stands in for it. */
export interface PriceQuestion {
  /** Of the list, in its own words; see `retail-prices.ts`. */
  readonly filter: string;
  /** Tells prices apart that one filter finds. */
  readonly kind: string;
  readonly pick: (items: readonly RetailItem[]) => number | undefined;
  /** Of the dated table; undefined where that has none. */
  readonly builtIn: number | undefined;
  /** For the message, beside the region. */
  readonly size: string;
}

/** What to ask for an hour of a VM. */
export function vmQuestion(vmSize: string, region: string, spot: boolean): PriceQuestion {
  const regular = builtInOf(vmSize);
  return {
    filter: vmFilter(vmSize, region),
    kind: spot ? 'spot' : 'regular',
    pick: (items) => pickVm(items, spot),
    builtIn: regular === undefined || !spot ? regular : regular * BUILT_IN_SPOT_SHARE,
    size: vmSize,
  };
}

/** What to ask for something that is billed while nothing runs, and what its price comes to in a day. */
export function storedQuestion(
  item: StoredItem,
  region: string,
): { readonly question: PriceQuestion; readonly perDay: (usd: number) => number } {
  switch (item.kind) {
    case 'disk': {
      const { name, usdPerMonth } = premiumTier(item.gb);
      const pick: PriceQuestion['pick'] = (items) => pickDisk(items, name);
      return {
        question: { filter: diskFilter(name, region), kind: 'disk', pick, builtIn: usdPerMonth, size: `disk ${name}` },
        perDay: perDayOfMonth,
      };
    }
    case 'address':
      return {
        question: {
          filter: ipFilter(region),
          kind: 'ip',
          pick: pickIp,
          builtIn: BUILT_IN_IP_USD_PER_HOUR,
          size: 'public address',
        },
        perDay: (usdPerHour) => usdPerHour * 24,
      };
    case 'snapshot':
      return {
        question: {
          filter: snapshotFilter(region),
          kind: 'snapshot',
          pick: pickSnapshot,
          builtIn: BUILT_IN_SNAPSHOT_USD_PER_GB_MONTH,
          size: 'snapshots',
        },
        perDay: (usdPerGbMonth) => perDayOfMonth(usdPerGbMonth * item.gb),
      };
  }
}

const perDayOfMonth = (usdPerMonth: number): number => (usdPerMonth / HOURS_PER_MONTH) * 24;

function builtInOf(vmSize: string): number | undefined {
  const name = Object.keys(BUILT_IN_VM_USD_PER_HOUR).find((one) => one.toLowerCase() === vmSize.toLowerCase());
  return name === undefined ? undefined : BUILT_IN_VM_USD_PER_HOUR[name];
}
