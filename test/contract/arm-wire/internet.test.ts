import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createCallerAddressHandler } from '../../../src/lab/wire/internet/caller-address.js';
import { createPricesHandler } from '../../../src/lab/wire/internet/prices.js';

interface Page {
  readonly Items: readonly {
    readonly retailPrice: number;
    readonly meterName: string;
    readonly productName: string;
    readonly type: string;
  }[];
  readonly NextPageLink: string | null;
  readonly Count: number;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(handler: ReturnType<typeof createPricesHandler>): Promise<string> {
  const server = createServer((request, response) => {
    if (!handler(request, response)) response.writeHead(404).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function prices(base: string, filter: string): Promise<{ status: number; page: Page }> {
  const response = await fetch(`${base}/api/retail/prices?$filter=${encodeURIComponent(filter)}`);
  return { status: response.status, page: (await response.json()) as Page };
}

describe('the price list', () => {
  const vm = "serviceName eq 'Virtual Machines' and armRegionName eq 'eastus' and armSkuName eq 'Standard_D8ds_v5'";

  it('has Linux, spot and Windows rows of a size, and its reservation unless filtered out', async () => {
    const base = await serve(createPricesHandler());
    const { page } = await prices(base, `${vm} and priceType eq 'Consumption'`);
    const linux = page.Items.filter((item) => !item.productName.includes('Windows'));
    expect(linux.map((item) => item.meterName)).toEqual(['D8ds v5', 'D8ds v5 Spot', 'D8ds v5 Low Priority']);
    expect(linux[0]?.retailPrice).toBe(0.452);
    expect((await prices(base, vm)).page.Items.some((item) => item.type === 'Reservation')).toBe(true);
  });

  it('has disks and addresses', async () => {
    const base = await serve(createPricesHandler());
    const disk = await prices(base, "serviceName eq 'Storage' and armRegionName eq 'eastus' and skuName eq 'P15 LRS'");
    expect(disk.page.Items.map((item) => item.meterName)).toContain('P15 LRS Disk');
    const ip = await prices(
      base,
      "serviceName eq 'Virtual Network' and contains(productName, 'IP Addr') and armRegionName eq 'eastus'",
    );
    expect(ip.page.Items).toMatchObject([{ retailPrice: 0.005 }]);
  });

  it('comes in pages', async () => {
    const base = await serve(createPricesHandler(2));
    const { page } = await prices(base, vm);
    expect([page.Count, page.NextPageLink]).toEqual([2, expect.stringContaining('skip=2')]);
    const next = await fetch(`${base}/prices${new URL(page.NextPageLink ?? '').search}`);
    expect(((await next.json()) as Page).Items[0]?.meterName).toBe('D8ds v5 Spot');
  });

  it.each(["colour eq 'red'", "armRegionName ne 'eastus'", "armRegionName eq 'eastus' or 1 eq 1"])(
    'refuses the filter %s',
    async (filter) => {
      expect((await prices(await serve(createPricesHandler()), filter)).status).toBe(400);
    },
  );
});

it('tells the address of its caller, in plain text', async () => {
  const base = await serve(createCallerAddressHandler('203.0.113.7'));
  const response = await fetch(`${base}/ip`);
  expect([await response.text(), response.headers.get('content-type')]).toEqual(['203.0.113.7', 'text/plain']);
  expect((await fetch(`${base}/ip`, { method: 'POST' })).status).toBe(405);
  expect((await fetch(`${base}/other`)).status).toBe(404);
});
