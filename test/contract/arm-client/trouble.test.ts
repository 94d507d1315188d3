import { afterEach, describe, expect, it } from 'vitest';
import type { ArmOperation, Network } from '../../../src/clients/arm/arm.js';
import { labCredential } from '../../../src/clients/arm/credential.js';
import { Deadline } from '../../../src/health/deadline.js';
import type { AzureOptions } from '../../../src/lab/world/azure/options.js';
import { defaultAzureOptions } from '../../../src/lab/world/azure/options.js';
import { startLabTarget, type LabTarget } from './lab-target.js';
import { vmSpec } from './target.js';

const GROUP_TAGS = { 'waa-deployment': 'contract' };
let open: LabTarget[] = [];

async function lab(options: Partial<AzureOptions> = {}) {
  const target = await startLabTarget(options);
  open.push(target);
  const within = (minutes: number, signal?: AbortSignal): Deadline =>
    Deadline.after(minutes * 60_000, target.clock, signal);
  const network = async (): Promise<Network> => {
    await target.arm.putResourceGroup(target.group, target.region, GROUP_TAGS, within(5));
    return target.arm.putNetwork(
      { resourceGroup: target.group, region: target.region, tags: GROUP_TAGS, callerCidr: '203.0.113.7/32' },
      within(10),
    );
  };
  const create = async (more: Parameters<typeof vmSpec>[2] = {}): Promise<ArmOperation> =>
    target.arm.beginCreateVm(vmSpec(target, await network(), more), within(10));
  return { ...target, within, network, create };
}

afterEach(async () => {
  await Promise.all(open.map((target) => target.close()));
  open = [];
});

describe('a VM that Azure refuses', () => {
  it.each([
    ['azure-sku-unavailable', 'AZURE_SIZE_UNAVAILABLE', { size: 'Standard_D8ds_v5', region: 'eastus' }],
    ['azure-quota-exceeded', 'AZURE_QUOTA_EXCEEDED', { region: 'eastus', required: 8 }],
  ] as const)('for %s is %s, with the numbers', async (id, code, params) => {
    const { create, faults } = await lab();
    faults.arm({ id });
    await expect(create()).rejects.toMatchObject({ code, params, disposition: 'permanent' });
  });

  it('for want of real quota names the quota, limit and use', async () => {
    const { create } = await lab({ quotas: { ...defaultAzureOptions.quotas, cores: 4 } });
    await expect(create()).rejects.toMatchObject({
      code: 'AZURE_QUOTA_EXCEEDED',
      params: { quota: 'Total Regional Cores', limit: 4, used: 0, required: 8 },
    });
  });

  it('for want of public addresses says so', async () => {
    const { create } = await lab({ quotas: { ...defaultAzureOptions.quotas, publicIps: 0 } });
    await expect(create()).rejects.toMatchObject({ code: 'AZURE_PUBLIC_IP_QUOTA' });
  });

  it('after accepting it keeps Azure’s own code and body, and the same request again repairs it', async () => {
    const { create, faults, arm, group, within, events } = await lab();
    faults.arm({ id: 'azure-allocation-failed' });
    const operation = await create();
    await expect(operation.wait(within(15))).rejects.toMatchObject({
      code: 'AZURE_ALLOCATION_FAILED',
      params: { azureCode: 'AllocationFailed' },
      disposition: 'transient',
      evidence: [{ text: expect.stringContaining('"Failed"') as string }],
    });
    expect(events.some((event) => event.type === 'arm.operation' && event.data.state === 'failed')).toBe(true);
    expect(await arm.getVm(group, 'waa-contract-w0', within(1))).toMatchObject({
      provisioningState: 'Failed',
      power: 'unknown',
    });
    await (await create()).wait(within(15));
    expect(await arm.getVm(group, 'waa-contract-w0', within(1))).toMatchObject({
      provisioningState: 'Succeeded',
      power: 'running',
    });
  });

  it('for changing what is fixed names the property', async () => {
    const { create, within } = await lab();
    await (await create()).wait(within(15));
    await expect(create({ adminUser: 'somebodyelse' })).rejects.toMatchObject({ code: 'AZURE_CHANGE_REFUSED' });
  });
});

describe('throttling', () => {
  it('of a call is transient and carries Azure’s wait', async () => {
    const { arm, faults, within } = await lab();
    faults.arm({ id: 'azure-throttled' });
    const error = await arm.subscription(within(1)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'AZURE_THROTTLED', disposition: 'transient' });
    expect((error as { params: { retryAfterMs: number } }).params.retryAfterMs).toBeGreaterThan(0);
  });

  it('of a poll does not end the wait', async () => {
    const { create, faults, within } = await lab();
    const operation = await create();
    faults.arm({ id: 'azure-throttled', times: 2 });
    await operation.wait(within(15));
    expect(faults.history.filter((strike) => strike.id === 'azure-throttled')).toHaveLength(2);
  });
});

describe('operations', () => {
  it('that outlast the wait say the last status, and go on', async () => {
    const { create, another, clock, within } = await lab();
    const operation = await create();
    using short = Deadline.after(1, { ...clock, slackMs: 0 });
    await expect(operation.wait(short)).rejects.toMatchObject({ code: 'AZURE_OPERATION_TIMEOUT' });
    await (await another().resumeOperation(operation.token, within(1))).wait(within(15));
  });

  it('are left running when a person stops the wait, who gets their own reason back', async () => {
    const { create, another, within } = await lab();
    const operation = await create();
    const person = new AbortController();
    const waiting = operation.wait(within(15, person.signal));
    const reason = new Error('Ctrl-C');
    person.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await (await another().resumeOperation(operation.token, within(1))).wait(within(15));
  });

  it('that Azure has forgotten are lost', async () => {
    const { create, another, within } = await lab();
    const { token } = await create();
    const forgotten = token.replace(/(operations\/)[0-9a-f-]{36}/g, '$100000000-0000-4000-8000-000000000000');
    expect(forgotten).not.toBe(token);
    const operation = await another().resumeOperation(forgotten, within(1));
    await expect(operation.wait(within(5))).rejects.toMatchObject({
      code: 'AZURE_OPERATION_LOST',
      disposition: 'recoverable',
    });
  });

  it.each(['', 'nonsense', '{}', '{"v":2,"kind":"vm"}'])('of a token like %j are lost', async (token) => {
    const { arm, within } = await lab();
    await expect(arm.resumeOperation(token, within(1))).rejects.toMatchObject({ code: 'AZURE_OPERATION_LOST' });
  });
});

describe('who may do what', () => {
  it('refuses a wrong secret as a login', async () => {
    const { client, login, within } = await lab();
    const arm = client({ credential: labCredential({ ...login, clientSecret: 'wrong' }) });
    await expect(arm.subscription(within(1))).rejects.toMatchObject({
      code: 'AZURE_LOGIN_REFUSED',
      message: expect.stringContaining('AADSTS7000215') as string,
    });
  });

  it('names action and scope of a missing right', async () => {
    const [principal] = defaultAzureOptions.principals;
    if (!principal) throw new Error('no principal');
    const { arm, group, region, within } = await lab({ principals: [{ ...principal, actions: ['*/read'] }] });
    await expect(arm.putResourceGroup(group, region, {}, within(1))).rejects.toMatchObject({
      code: 'AZURE_PERMISSION_DENIED',
      params: { action: expect.stringMatching(/resourceGroups\/write/i) as string },
    });
    expect(await arm.permissions(within(1))).toEqual([{ actions: ['*/read'], notActions: [] }]);
  });

  it('finds a subscription by name, and says which there are when it does not', async () => {
    const { client, within } = await lab();
    expect((await client({ subscriptionId: 'WAA lab' }).subscription(within(1))).id).toBe(
      defaultAzureOptions.subscriptionId,
    );
    expect((await client({ subscriptionId: () => Promise.resolve(undefined) }).subscription(within(1))).name).toBe(
      'waa lab',
    );
    await expect(client({ subscriptionId: 'other' }).getResourceGroup('x', within(1))).rejects.toMatchObject({
      code: 'AZURE_SUBSCRIPTION_NOT_FOUND',
      params: { known: expect.stringContaining('waa lab') as string },
    });
    await expect(
      client({ subscriptionId: '00000000-0000-4000-8000-000000000009' }).getResourceGroup('x', within(1)),
    ).rejects.toMatchObject({ code: 'AZURE_SUBSCRIPTION_NOT_FOUND' });
  });

  it('does not take a disabled subscription', async () => {
    const { arm, within } = await lab({ subscriptionState: 'Disabled' });
    await expect(arm.subscription(within(1))).rejects.toMatchObject({
      code: 'AZURE_SUBSCRIPTION_DISABLED',
      params: { state: 'Disabled' },
    });
  });

  it('says that a lock forbids a deletion', async () => {
    const scope = `/subscriptions/${defaultAzureOptions.subscriptionId}/resourceGroups/waa-contract`;
    const { arm, group, network, within } = await lab({
      locks: [{ name: 'keep', scope, level: 'CanNotDelete', notes: '' }],
    });
    await network();
    await expect(arm.deleteResourceGroup(group, within(1))).rejects.toMatchObject({ code: 'AZURE_LOCKED' });
  });

  it('names a provider that is not registered, and registers it', async () => {
    const { arm, clock, network, within, ...azure } = await lab({ registeredProviders: ['Microsoft.Compute'] });
    await expect(network()).rejects.toMatchObject({
      code: 'AZURE_PROVIDER_NOT_REGISTERED',
      params: { namespace: 'Microsoft.Network' },
    });
    azure.holdStill();
    await arm.registerProvider('Microsoft.Network', within(1));
    expect(await arm.providerState('Microsoft.Network', within(1))).toBe('Registering');
    azure.goOn();
    await clock.sleep(130_000);
    expect(await arm.providerState('Microsoft.Network', within(1))).toBe('Registered');
  });
});

describe('a group', () => {
  it('keeps its region', async () => {
    const { arm, group, network, within } = await lab();
    await network();
    await expect(arm.putResourceGroup(group, 'westus2', GROUP_TAGS, within(1))).rejects.toMatchObject({
      code: 'AZURE_ELSEWHERE',
    });
  });
  it('that is being deleted takes nothing new', async () => {
    const { arm, group, region, network, within, ...azure } = await lab();
    await network();
    azure.holdStill();
    await arm.deleteResourceGroup(group, within(1));
    expect(await arm.getResourceGroup(group, within(1))).toMatchObject({ provisioningState: 'Deleting' });
    await expect(arm.putResourceGroup(group, region, GROUP_TAGS, within(1))).rejects.toMatchObject({
      code: 'AZURE_GROUP_BEING_DELETED',
      disposition: 'transient',
    });
  });
});
