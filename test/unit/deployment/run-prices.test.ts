import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { configSchema } from '../../../src/config/schema.js';
import { fail } from '../../../src/failures/waa-error.js';
import { runMachines } from '../../../src/operations/run-prices.js';
import type { Session } from '../../../src/session.js';
import type { DeploymentRecord } from '../../../src/state/deployment.js';
import { vmOf } from '../../helpers/fake-arm-client.js';

const record = {
  name: 'mine',
  resourceGroup: 'waa-mine',
  region: 'eastus',
  vmSize: 'planned',
  workers: ['w0', 'w1'],
  golden: { image: 'win11', snapshotId: '/snapshot', gb: 512 },
} as unknown as DeploymentRecord;

/** A session whose workers have these sizes; a price is the length of the size's name, a day of storage its GB. */
function sessionOf(sizes: readonly string[], maxCostUsd?: number) {
  const vms = sizes.map((size, index) => vmOf('waa-mine', `waa-mine-w${index}`, 'running', { size }));
  const told: string[] = [];
  const arm = { within: () => arm, listVms: () => Promise.resolve(vms) };
  const session = {
    config: configSchema.parse({ azure: { dataDiskGb: 256 }, benchmark: { maxCostUsd } }),
    clock: createManualClock(),
    signal: new AbortController().signal,
    emit: (_type: string, _data: unknown, text: string) => told.push(text),
    retry: (_policy: string, work: () => unknown) => work(),
    clients: {
      arm,
      prices: {
        vmPrice: (size: string) =>
          size === 'priceless'
            ? Promise.reject(fail('AZURE_PRICE_UNKNOWN', { size, region: 'eastus', reason: 'not in the list' }))
            : Promise.resolve({ usdPerHour: size.length, source: 'retail', asOf: '2026-01-01' }),
        storagePerDay: (gbs: readonly number[]) => Promise.resolve(Math.max(...gbs)),
      },
    },
  };
  return { session: session as unknown as Session, told };
}

describe('what a run reckons with', () => {
  it('is the size the VMs really have, with the disk of the golden image', async () => {
    expect(await runMachines(sessionOf(['other', 'other']).session, record)).toEqual({
      vmSizes: ['other'],
      prices: { vmUsdPerHour: 5, storageUsdPerDay: 512, source: 'retail', asOf: '2026-01-01' },
    });
  });

  it('is the dearest of several sizes, and the planned one of a VM that is not there', async () => {
    const { vmSizes, prices } = await runMachines(sessionOf(['dear-size']).session, record);
    expect(vmSizes).toEqual(['dear-size', 'planned']);
    expect(prices?.vmUsdPerHour).toBe(9);
  });

  it('is no price where none is known, which is told, and with a budget raised', async () => {
    const { session, told } = sessionOf(['priceless', 'priceless']);
    expect(await runMachines(session, record)).toEqual({ vmSizes: ['priceless'], prices: undefined });
    expect(told.join()).toContain('the report will have no cost');
    await expect(runMachines(sessionOf(['priceless'], 5).session, record)).rejects.toMatchObject({
      code: 'AZURE_PRICE_UNKNOWN',
    });
  });
});
