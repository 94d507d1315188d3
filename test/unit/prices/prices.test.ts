import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCallerAddressClient } from '../../../src/clients/caller-address/create-caller-address-client.js';
import { createPricesClient } from '../../../src/clients/prices/create-prices-client.js';
import { premiumTier } from '../../../src/clients/prices/built-in-prices.js';
import { pickVm } from '../../../src/clients/prices/retail-prices.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { Deadline } from '../../../src/health/deadline.js';
import { createRecordingBus } from '../../helpers/recording-bus.js';

const item = (over: Record<string, unknown>) => ({
  retailPrice: 0.5,
  productName: 'Virtual Machines Ddsv5 Series',
  skuName: 'D8ds v5',
  meterName: 'D8ds v5',
  armSkuName: 'Standard_D8ds_v5',
  unitOfMeasure: '1 Hour',
  type: 'Consumption',
  ...over,
});
const vmRows = [
  item({ retailPrice: 0.82, productName: 'Virtual Machines Ddsv5 Series Windows' }),
  item({ retailPrice: 0.11, skuName: 'D8ds v5 Spot', meterName: 'D8ds v5 Spot' }),
  item({ retailPrice: 0.09, skuName: 'D8ds v5 Low Priority', meterName: 'D8ds v5 Low Priority' }),
  item({ retailPrice: 3000, type: 'Reservation' }),
  item({ retailPrice: 0.46 }),
];

let server: Server;
let url: string;
let directory: string;
let asked: string[];
let answer: (path: string) => { status: number; body: string };

beforeEach(async () => {
  asked = [];
  answer = () => ({ status: 200, body: JSON.stringify({ Items: vmRows, NextPageLink: null }) });
  server = createServer((request, response) => {
    asked.push(decodeURIComponent((request.url ?? '').replaceAll('+', ' ')));
    const { status, body } = answer(request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/retail/prices`;
  directory = await mkdtemp(join(tmpdir(), 'waa-prices-'));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

function setUp() {
  const clock = createManualClock();
  const bus = createRecordingBus(clock);
  const client = createPricesClient({ url, cacheDirectory: directory, clock, emit: bus.emit });
  const deadline = (): Deadline => Deadline.after(10_000, clock);
  const vm = (size = 'Standard_D8ds_v5', spot = false) => client.vmPrice(size, 'eastus', spot, deadline());
  return { clock, bus, client, deadline, vm };
}

describe('VM prices', () => {
  it('come from the list, Linux and regular only', async () => {
    expect(await setUp().vm()).toMatchObject({ usdPerHour: 0.46, source: 'retail' });
    expect(asked[0]).toContain("armSkuName eq 'Standard_D8ds_v5' and priceType eq 'Consumption'");
  });
  it('of spot are another row', async () => {
    expect((await setUp().vm('Standard_D8ds_v5', true)).usdPerHour).toBe(0.11);
  });
  it('are asked for once a day, and again after it', async () => {
    const { vm, clock } = setUp();
    await vm();
    expect((await vm()).source).toBe('cache');
    await clock.advance(25 * 3_600_000);
    expect((await vm()).source).toBe('retail');
    expect(asked).toHaveLength(2);
  });
  it('follow the next page', async () => {
    answer = (path) => ({
      status: 200,
      body: JSON.stringify(
        path.includes('skip')
          ? { Items: [item({ retailPrice: 0.47 })], NextPageLink: null }
          : { Items: [], NextPageLink: 'https://prices.azure.com:443/api/retail/prices?$skip=100' },
      ),
    });
    expect((await setUp().vm()).usdPerHour).toBe(0.47);
  });
  it.each([
    ['answers an error', () => ({ status: 503, body: '' })],
    ['answers a web page', () => ({ status: 200, body: '<html>' })],
    ['has no such row', () => ({ status: 200, body: JSON.stringify({ Items: [] }) })],
  ])('come from the dated table when the list %s', async (_what, broken) => {
    answer = broken;
    const price = await setUp().vm();
    expect(price).toMatchObject({ usdPerHour: 0.452, source: 'built-in' });
    expect(price.asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
  });
  it('of an earlier day go before the table', async () => {
    const { vm, clock } = setUp();
    await vm();
    await clock.advance(48 * 3_600_000);
    answer = () => ({ status: 500, body: '' });
    expect(await vm()).toMatchObject({ usdPerHour: 0.46, source: 'cache' });
  });
  it('that nobody knows are a failure, not a guess', async () => {
    answer = () => ({ status: 500, body: '' });
    await expect(setUp().vm('Standard_X1')).rejects.toMatchObject({ code: 'AZURE_PRICE_UNKNOWN' });
  });
  it('survive a broken cache file', async () => {
    const { vm } = setUp();
    await vm();
    for (const file of await readdir(directory)) await writeFile(join(directory, file), '{"usd":');
    expect((await vm()).source).toBe('retail');
  });
  it('ignore free first tiers', () => {
    expect(pickVm([{ ...item({ retailPrice: 0 }), retailPrice: 0 }] as never, false)).toBeUndefined();
  });
});

describe('storage', () => {
  it('is every disk by its tier plus one address', async () => {
    answer = () => ({ status: 500, body: '' });
    const { client, deadline } = setUp();
    const perDay = ((19.71 + 10.21) / 730 + 0.005) * 24;
    expect(await client.storagePerDay([64, 128], 'eastus', deadline())).toBeCloseTo(perDay);
  });
  it('of a snapshot is by the GB on Standard storage', async () => {
    const snapshot = { skuName: 'Snapshots LRS', meterName: 'LRS Snapshots', unitOfMeasure: '1 GB/Month' };
    const rows = [
      item({ ...snapshot, productName: 'Premium SSD Managed Disks', retailPrice: 0.03 }),
      item({ ...snapshot, productName: 'Standard HDD Managed Disks', retailPrice: 0.06 }),
    ];
    answer = () => ({ status: 200, body: JSON.stringify({ Items: rows }) });
    const { client, deadline } = setUp();
    const perDay = await client.itemPerDay({ kind: 'snapshot', gb: 100 }, 'eastus', deadline());
    expect(perDay).toBeCloseTo((6 / 730) * 24);
  });
  it.each([
    [30, 'P4'],
    [33, 'P6'],
    [128, 'P10'],
    [129, 'P15'],
    [256, 'P15'],
    [32_000, 'P50'],
  ])('%s GB is billed as %s', (gb, tier) => {
    expect(premiumTier(gb).name).toBe(tier);
  });
});

describe('our own address', () => {
  const ask = () => createCallerAddressClient({ url }).publicIpv4(Deadline.after(10_000, createManualClock()));
  it('is what the service says', async () => {
    answer = () => ({ status: 200, body: '203.0.113.7\n' });
    expect(await ask()).toBe('203.0.113.7');
  });
  it.each([
    ['2001:db8::1', 200],
    ['<html>', 200],
    ['203.0.113.7', 500],
    ['0.0.0.0/0', 200],
  ])('is unknown after %j with %s', async (body, status) => {
    answer = () => ({ status, body });
    await expect(ask()).rejects.toMatchObject({ code: 'AZURE_CALLER_ADDRESS_UNKNOWN', disposition: 'transient' });
  });
});
