import type { IncomingMessage, ServerResponse } from 'node:http';
import { priceList, type PriceItem } from './price-list.js';

/** Columns that a filter may name; `priceType` is the column `type`. */
const columns: Readonly<Record<string, keyof PriceItem>> = {
  armregionname: 'armRegionName',
  armskuname: 'armSkuName',
  currencycode: 'currencyCode',
  location: 'location',
  meterid: 'meterId',
  metername: 'meterName',
  pricetype: 'type',
  productid: 'productId',
  productname: 'productName',
  servicefamily: 'serviceFamily',
  serviceid: 'serviceId',
  servicename: 'serviceName',
  skuid: 'skuId',
  skuname: 'skuName',
};

type Test = (item: PriceItem) => boolean;

/** `a eq 'x'` and `contains(a, 'x')`, joined by `and`; undefined when it is anything else. */
function parseFilter(text: string, caseSensitive: boolean): readonly Test[] | undefined {
  const tests: Test[] = [];
  if (text.trim() === '') return tests;
  const fold = (value: unknown): string => (caseSensitive ? String(value) : String(value).toLowerCase());
  for (const clause of text.trim().split(/\s+and\s+/i)) {
    const equal = /^(\w+)\s+eq\s+'((?:[^']|'')*)'$/i.exec(clause);
    const contains = /^contains\(\s*(\w+)\s*,\s*'((?:[^']|'')*)'\s*\)$/i.exec(clause);
    const match = equal ?? contains;
    const column = columns[match?.[1]?.toLowerCase() ?? ''];
    if (!match || !column) return undefined;
    const wanted = fold((match[2] ?? '').replaceAll("''", "'"));
    tests.push((item) => (equal ? fold(item[column]) === wanted : fold(item[column]).includes(wanted)));
  }
  return tests;
}

const largestPage = 1000;

/**
 * The Azure Retail Prices API at any path that ends in `/prices`. Anonymous. Answers false when the path is another.
 * Pages of at most 1000 rows; `NextPageLink` names the public host, as the real one does.
 */
export function createPricesHandler(
  pageSize = largestPage,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const items = priceList();
  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://prices.invalid');
    if (!url.pathname.endsWith('/prices')) return false;
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify(body));
    };
    if (request.method !== 'GET') {
      send(405, {
        Error: { Code: 'MethodNotAllowed', Message: 'The requested resource does not support this method.' },
      });
      return true;
    }
    const filter = url.searchParams.get('$filter') ?? '';
    const tests = parseFilter(filter, (url.searchParams.get('api-version') ?? '') >= '2023-01-01');
    const skip = Number(url.searchParams.get('$skip') ?? '0');
    if (!tests || !Number.isInteger(skip) || skip < 0) {
      send(400, { Error: { Code: 'BadRequest', Message: `Invalid OData parameters supplied: ${filter}` } });
      return true;
    }
    const found = items.filter((item) => tests.every((test) => test(item)));
    const page = found.slice(skip, skip + pageSize);
    const next = new URLSearchParams(url.searchParams);
    next.set('$skip', String(skip + pageSize));
    send(200, {
      BillingCurrency: 'USD',
      CustomerEntityId: 'Default',
      CustomerEntityType: 'Retail',
      Items: page,
      NextPageLink:
        skip + pageSize < found.length ? `https://prices.azure.com:443/api/retail/prices?${next.toString()}` : null,
      Count: page.length,
    });
    return true;
  };
}
