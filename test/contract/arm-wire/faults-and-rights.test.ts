import { afterEach, describe, expect, it } from 'vitest';
import { defaultAzureOptions, type AzureOptions } from '../../../src/lab/world/azure/options.js';
import {
  createNetwork,
  createNic,
  createWorker,
  done,
  group,
  location,
  quick,
  startArmLab,
  subscriptionId,
  vmBody,
  type ArmLab,
} from './lab.js';

let lab: ArmLab;
afterEach(() => lab.close());

const start = async (options: Partial<AzureOptions> = {}): Promise<void> => {
  lab = await startArmLab(options);
};
const create = (nicId: string) => lab.compute.virtualMachines.createOrUpdate(group, 'w1', vmBody(nicId), quick);
const nicFor = async (): Promise<string> => (await createNic(lab, await createNetwork(lab), 'w1')).nicId;

describe('faults', () => {
  it.each([
    ['azure-sku-unavailable', 'SkuNotAvailable', /Capacity Restrictions/],
    [
      'azure-quota-exceeded',
      'OperationNotAllowed',
      /exceeding approved Total Regional Cores quota.*Additional Required: 8/,
    ],
  ] as const)('%s refuses the creation once', async (id, code, message) => {
    await start();
    const nicId = await nicFor();
    lab.simulation.faults.arm({ id, target: 'w1' });
    const refusal = { statusCode: 409, code, message: expect.stringMatching(message) as string };
    await expect(create(nicId).submitted()).rejects.toMatchObject(refusal);
    expect((await done(lab, create(nicId))).provisioningState).toBe('Succeeded');
  });

  it('azure-allocation-failed leaves a failed VM that the same PUT repairs', async () => {
    await start();
    const nicId = await nicFor();
    lab.simulation.faults.arm({ id: 'azure-allocation-failed' });
    await expect(done(lab, create(nicId))).rejects.toThrow(/AllocationFailed/);
    const view = await lab.compute.virtualMachines.instanceView(group, 'w1');
    expect(view.statuses?.map((status) => status.code)).toEqual(['ProvisioningState/failed/AllocationFailed']);
    expect((await lab.compute.virtualMachines.get(group, 'w1')).provisioningState).toBe('Failed');
    expect(lab.machines).toHaveLength(0);
    await done(lab, create(nicId));
    expect(lab.machines[0]?.power).toBe('running');
  });

  it('azure-throttled answers 429 with Retry-After, in the shape of the provider', async () => {
    await start();
    lab.simulation.faults.arm({ id: 'azure-throttled', times: 2 });
    const compute = await lab.raw('GET', '/providers/Microsoft.Compute/virtualMachines?api-version=2026-03-01');
    const arm = await lab.raw('GET', '/resourceGroups?api-version=2025-04-01');
    expect([compute.status, compute.headers.get('retry-after')]).toEqual([429, '5']);
    expect(compute.body).toMatchObject({ code: 'OperationNotAllowed' });
    expect([arm.status, arm.error.code]).toEqual([429, 'SubscriptionRequestsThrottled']);
    expect((await lab.raw('GET', '/resourceGroups?api-version=2025-04-01')).status).toBe(200);
  });
});

describe('rights', () => {
  const [owner] = defaultAzureOptions.principals;
  const as = (actions: readonly string[], notActions: readonly string[] = []): Partial<AzureOptions> =>
    owner ? { principals: [{ ...owner, actions, notActions }] } : {};

  it('are refused and shown', async () => {
    await start(as(['*/read']));
    await expect(lab.resources.resourceGroups.createOrUpdate(group, { location })).rejects.toMatchObject({
      statusCode: 403,
      code: 'AuthorizationFailed',
    });
    const answer = await lab.raw('GET', '/providers/Microsoft.Authorization/permissions?api-version=2022-04-01');
    expect(answer.body).toMatchObject({ value: [{ actions: ['*/read'], notActions: [] }] });
  });

  it('must cover what is joined', async () => {
    await start(as(['*'], ['Microsoft.Network/networkSecurityGroups/join/action']));
    await expect(createNetwork(lab)).rejects.toMatchObject({ statusCode: 403, code: 'LinkedAuthorizationFailed' });
  });
});

describe('the state of the subscription', () => {
  it('disabled: reads only', async () => {
    await start({ subscriptionState: 'Disabled' });
    await expect(lab.resources.resourceGroups.createOrUpdate(group, { location })).rejects.toMatchObject({
      code: 'ReadOnlyDisabledSubscription',
    });
    expect((await lab.subscriptions.subscriptions.get(subscriptionId)).state).toBe('Disabled');
  });

  it('a provider not registered: 409 until it is', async () => {
    await start({ registeredProviders: ['Microsoft.Compute'] });
    await expect(createNetwork(lab)).rejects.toMatchObject({
      statusCode: 409,
      code: 'MissingSubscriptionRegistration',
    });
    expect((await lab.resources.providers.register('Microsoft.Network')).registrationState).toBe('Registering');
    lab.advance(120_000);
    await createNetwork(lab);
  });

  it('a lock: shown, and binding for deletions', async () => {
    const scope = `/subscriptions/${subscriptionId}/resourceGroups/${group}`;
    await start({ locks: [{ name: 'keep', scope, level: 'CanNotDelete', notes: '' }] });
    await createNetwork(lab);
    await expect(lab.resources.resourceGroups.beginDelete(group)).rejects.toMatchObject({
      statusCode: 409,
      code: 'ScopeLocked',
    });
    const answer = await lab.raw(
      'GET',
      `/resourceGroups/${group}/providers/Microsoft.Authorization/locks?api-version=2020-05-01`,
    );
    expect(answer.body).toMatchObject({ value: [{ name: 'keep', properties: { level: 'CanNotDelete' } }] });
  });

  it('a restriction: SkuNotAvailable where it holds', async () => {
    await start({ restrictions: [{ size: 'Standard_D8ds_v5', region: location, reason: 'QuotaId', zones: [] }] });
    await expect(create(await nicFor()).submitted()).rejects.toMatchObject({
      statusCode: 409,
      code: 'SkuNotAvailable',
    });
  });

  it('a spot VM: evicted as its policy says', async () => {
    await start();
    const nicId = await nicFor();
    await done(
      lab,
      lab.compute.virtualMachines.createOrUpdate(group, 'w1', vmBody(nicId, { priority: 'Spot' }), quick),
    );
    await lab.compute.virtualMachines.simulateEviction(group, 'w1');
    lab.advance(180_000);
    expect(lab.azure.summary().virtualMachines[0]?.power).toBe('deallocated');
  });

  it('a group whose subnet is used from another one cannot be deleted', async () => {
    await start();
    const { network } = await createWorker(lab);
    await lab.resources.resourceGroups.createOrUpdate('other', { location });
    await lab.network.networkInterfaces.beginCreateOrUpdate(
      'other',
      'n',
      {
        location,
        ipConfigurations: [{ name: 'ip', subnet: { id: network.subnetId } }],
      },
      quick,
    );
    const poller = await lab.resources.resourceGroups.beginDelete(group, quick);
    lab.advance(300_000);
    await expect(poller.pollUntilDone()).rejects.toMatchObject({
      statusCode: 409,
      code: 'ResourceGroupDeletionBlocked',
    });
    expect((await lab.resources.resourceGroups.get(group)).properties?.provisioningState).toBe('Succeeded');
  });
});
