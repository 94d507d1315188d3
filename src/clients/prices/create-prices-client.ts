import type { Clock } from '../../clock/clock.js';
import { DAY_MS } from '../../clock/units.js';
import type { Emit } from '../../events/bus.js';
import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import {
  BUILT_IN_AS_OF,
  BUILT_IN_IP_USD_PER_HOUR,
  BUILT_IN_SNAPSHOT_USD_PER_GB_MONTH,
  BUILT_IN_SPOT_SHARE,
  BUILT_IN_VM_USD_PER_HOUR,
  premiumTier,
} from './built-in-prices.js';
import { createPriceCache } from './price-cache.js';
import type { HourlyPrice, PricesClient, StoredItem } from './prices.js';
import {
  diskFilter,
  ipFilter,
  pickDisk,
  pickIp,
  pickSnapshot,
  pickVm,
  readRetailPrices,
  snapshotFilter,
  vmFilter,
  type RetailItem,
} from './retail-prices.js';

const DEFAULT_URL = 'https://prices.azure.com/api/retail/prices';
/** Azure changes its prices by the month. */
const FRESH_MS = DAY_MS;
/** Preflight answers in ten seconds; the price list may take this much of it before the table steps in. */
const ASK_MS = 6_000;
const HOURS_PER_MONTH = 730;

export interface PricesOptions {
  readonly url?: string;
  /** Where prices are kept for 24 h. */
  readonly cacheDirectory: string;
  readonly clock: Clock;
  readonly emit: Emit;
}

interface Answer {
  readonly usd: number;
  readonly source: HourlyPrice['source'];
  readonly asOf: string;
}

/** Prices from the public list, from the cache for 24 h, and from a dated table when the list cannot be read. */
export function createPricesClient(options: PricesOptions): PricesClient {
  const { clock, emit } = options;
  const url = options.url ?? DEFAULT_URL;
  const cache = createPriceCache(options.cacheDirectory);
  const iso = (ms: number): string => new Date(ms).toISOString();

  const price = async (
    filter: string,
    kind: string,
    pick: (items: readonly RetailItem[]) => number | undefined,
    builtIn: number | undefined,
    what: { size: string; region: string },
    deadline: Deadline,
  ): Promise<Answer> => {
    const key = `${url} ${kind} ${filter}`;
    const cached = await cache.read(key);
    if (cached && clock.now() - cached.atMs < FRESH_MS)
      return { usd: cached.usd, source: 'cache', asOf: iso(cached.atMs) };
    let reason = 'it is not in the price list';
    using own = deadline.child(ASK_MS);
    try {
      const usd = pick(await readRetailPrices(url, filter, own.signal));
      if (usd !== undefined) {
        await cache.write({ key, usd, atMs: clock.now() });
        return { usd, source: 'retail', asOf: iso(clock.now()) };
      }
    } catch (error) {
      if (deadline.signal.aborted && !deadline.expired) throw deadline.signal.reason;
      reason = error instanceof Error ? error.message : String(error);
      emit('log', { component: 'prices', url }, `price list not used: ${reason}`, { level: 'warn' });
    }
    // An older price of the list is nearer to the truth than a table made at another place and time.
    if (cached) return { usd: cached.usd, source: 'cache', asOf: iso(cached.atMs) };
    if (builtIn !== undefined) return { usd: builtIn, source: 'built-in', asOf: BUILT_IN_AS_OF };
    throw fail('AZURE_PRICE_UNKNOWN', { ...what, reason });
  };

  const itemPerDay: PricesClient['itemPerDay'] = async (item, region, deadline) => {
    switch (item.kind) {
      case 'disk': {
        const tier = premiumTier(item.gb);
        const pick = (items: readonly RetailItem[]): number | undefined => pickDisk(items, tier.name);
        const what = { size: `disk ${tier.name}`, region };
        const { usd } = await price(diskFilter(tier.name, region), 'disk', pick, tier.usdPerMonth, what, deadline);
        return (usd / HOURS_PER_MONTH) * 24;
      }
      case 'address': {
        const what = { size: 'public address', region };
        return (await price(ipFilter(region), 'ip', pickIp, BUILT_IN_IP_USD_PER_HOUR, what, deadline)).usd * 24;
      }
      case 'snapshot': {
        const what = { size: 'snapshots', region };
        const filter = snapshotFilter(region);
        const { usd } = await price(
          filter,
          'snapshot',
          pickSnapshot,
          BUILT_IN_SNAPSHOT_USD_PER_GB_MONTH,
          what,
          deadline,
        );
        return ((usd * item.gb) / HOURS_PER_MONTH) * 24;
      }
    }
  };

  return {
    async vmPrice(vmSize, region, spot, deadline) {
      const regular = builtInOf(vmSize);
      const builtIn = regular === undefined || !spot ? regular : regular * BUILT_IN_SPOT_SHARE;
      const what = { size: vmSize, region };
      const pick = (items: readonly RetailItem[]): number | undefined => pickVm(items, spot);
      const answer = await price(vmFilter(vmSize, region), spot ? 'spot' : 'regular', pick, builtIn, what, deadline);
      return { usdPerHour: answer.usd, source: answer.source, asOf: answer.asOf };
    },
    itemPerDay,
    async storagePerDay(diskGbs, region, deadline) {
      const items: readonly StoredItem[] = [
        ...diskGbs.map((gb) => ({ kind: 'disk', gb }) as const),
        { kind: 'address' },
      ];
      const prices = await Promise.all(items.map((item) => itemPerDay(item, region, deadline)));
      return prices.reduce((sum, usd) => sum + usd, 0);
    },
  };
}

function builtInOf(vmSize: string): number | undefined {
  const name = Object.keys(BUILT_IN_VM_USD_PER_HOUR).find((one) => one.toLowerCase() === vmSize.toLowerCase());
  return name === undefined ? undefined : BUILT_IN_VM_USD_PER_HOUR[name];
}
