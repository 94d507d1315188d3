import type { Clock } from '../../clock/clock.js';
import { DAY_MS } from '../../clock/units.js';
import type { Emit } from '../../events/bus.js';
import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { BUILT_IN_AS_OF } from './built-in-prices.js';
import { createPriceCache } from './price-cache.js';
import { storedQuestion, vmQuestion, type PriceQuestion } from './price-questions.js';
import type { HourlyPrice, PricesClient, StoredItem } from './prices.js';
import { readRetailPrices } from './retail-prices.js';

const DEFAULT_URL = 'https://prices.azure.com/api/retail/prices';
/** Azure changes its prices by the month. */
const FRESH_MS = DAY_MS;
/** Preflight answers in ten seconds; the price list may take this much of it before the table steps in. */
const ASK_MS = 6_000;

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

type Ask = (question: PriceQuestion, region: string, deadline: Deadline) => Promise<Answer>;

/** Prices from the public list, from the cache for 24 h, and from a dated table when the list cannot be read. */
export function createPricesClient(options: PricesOptions): PricesClient {
  const ask = createAsk(options);
  const itemPerDay: PricesClient['itemPerDay'] = async (item, region, deadline) => {
    const { question, perDay } = storedQuestion(item, region);
    return perDay((await ask(question, region, deadline)).usd);
  };
  return {
    async vmPrice(vmSize, region, spot, deadline) {
      const { usd, source, asOf } = await ask(vmQuestion(vmSize, region, spot), region, deadline);
      return { usdPerHour: usd, source, asOf };
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

/** The cache while it is fresh, else the list, else an older cache, else the table. Raises AZURE_PRICE_UNKNOWN. */
function createAsk({ url = DEFAULT_URL, cacheDirectory, clock, emit }: PricesOptions): Ask {
  const cache = createPriceCache(cacheDirectory);
  const iso = (ms: number): string => new Date(ms).toISOString();
  return async ({ filter, kind, pick, builtIn, size }, region, deadline) => {
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
    throw fail('AZURE_PRICE_UNKNOWN', { size, region, reason });
  };
}
