import { expect, it } from 'vitest';
import type { VmSku } from '../../../src/clients/arm/arm.js';
import { Deadline } from '../../../src/health/deadline.js';
import { choosePlacement, type PlacementRequest } from '../../../src/layers/azure/placement.js';
import { createFakeArm } from '../../helpers/fake-arm-client.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';

const sku = (name: string, more: Partial<VmSku> = {}): VmSku => ({
  name,
  family: `family of ${name}`,
  vCpus: 8,
  memoryGb: 32,
  zones: ['1', '2'],
  hyperVGenerations: ['V2'],
  restrictions: [],
  ...more,
});
const FIRST = 'Standard_D8ds_v5';
const SECOND = 'Standard_D8s_v5';
const request: PlacementRequest = {
  workers: 4,
  spot: false,
  zones: false,
  regions: ['eastus', 'westus2'],
  sizes: [FIRST, SECOND],
  needs: { vCpus: 8, memoryGb: 12 },
};

function setUp(eastus: readonly VmSku[], westus2: readonly VmSku[] = []) {
  const arm = createFakeArm();
  arm.skuRows.set('eastus', eastus);
  arm.skuRows.set('westus2', westus2);
  arm.usages = { compute: [{ name: 'cores', current: 0, limit: 100 }], network: [] };
  const deadline = Deadline.after(60_000, createManualClock());
  return {
    arm,
    choose: (own: Partial<PlacementRequest> = {}) => choosePlacement(arm, { ...request, ...own }, deadline),
  };
}

it('takes the first size with room, keeps the others of the region for later, and asks no further region', async () => {
  const { arm, choose } = setUp([sku(FIRST), sku(SECOND)]);
  expect(await choose()).toEqual({ region: 'eastus', vmSize: FIRST, otherSizes: [SECOND], rejected: [] });
  expect(arm.calls.filter((call) => call.includes('westus2'))).toEqual([]);
});

it('says why each candidate before it was rejected', async () => {
  const { choose } = setUp([sku(FIRST, { restrictions: ['NotAvailableForSubscription'] })], [sku(FIRST)]);
  const placement = await choose();
  expect(placement).toMatchObject({ region: 'westus2', vmSize: FIRST });
  expect(placement.rejected).toEqual([
    { region: 'eastus', size: FIRST, reason: 'restricted: NotAvailableForSubscription' },
    { region: 'eastus', size: SECOND, reason: 'not offered' },
    { region: 'westus2', size: SECOND, reason: 'not offered' },
  ]);
});

it('counts all workers against the quota of the family, for spot against its own pool', async () => {
  const { arm, choose } = setUp([sku(FIRST), sku(SECOND)]);
  arm.usages.compute.push({ name: `family of ${FIRST}`, current: 8, limit: 32 });
  expect(await choose()).toMatchObject({ vmSize: SECOND });
  arm.usages.compute.push({ name: 'lowPriorityCores', current: 0, limit: 24 });
  await expect(choose({ spot: true })).rejects.toMatchObject({
    code: 'AZURE_NO_PLACEMENT',
    params: { workers: 4, most: `3 x ${FIRST} in eastus` },
    evidence: [
      { title: 'eastus', text: expect.stringMatching(/^Standard_D8ds_v5: .*lowPriorityCores.*\n.*D8s_v5: /) },
      { title: 'westus2', text: `${FIRST}: not offered\n${SECOND}: not offered` },
    ],
  });
  await expect(choose({ regions: ['westus2'] })).rejects.toMatchObject({ params: { most: 'none' } });
  expect(await choose({ spot: true, workers: 3 })).toMatchObject({ vmSize: FIRST });
});

it('with zones takes only a size that some zone has, and names them', async () => {
  const { choose } = setUp([sku(FIRST, { zones: [] }), sku(SECOND)]);
  expect(await choose({ zones: true })).toMatchObject({ vmSize: SECOND, zones: ['1', '2'] });
});
