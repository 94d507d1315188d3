import { describe, expect, it } from 'vitest';
import { fail, type WaaError } from '../../../src/failures/waa-error.js';
import { createAzureLayer } from '../../../src/layers/azure/index.js';
import { workerTags } from '../../../src/layers/worker-tags.js';
import { createFakeArm } from '../../helpers/fake-arm-client.js';
import { createWorkerSetting } from '../../helpers/worker-setting.js';

function setUp() {
  const setting = createWorkerSetting();
  const arm = createFakeArm();
  const where = { address: '203.0.113.7' };
  const callerAddress = { publicIpv4: () => Promise.resolve(where.address) };
  const layer = createAzureLayer({ arm, callerAddress, plan: setting.plan });
  const { clock, plan } = setting;
  const run = <T>(work: Promise<T>): Promise<T> => clock.runUntil(work);
  return {
    ...setting,
    arm,
    where,
    layer,
    check: () => run(layer.check(setting.context(), plan)),
    provision: () => run(layer.provision(setting.context(), plan, { state: 'absent' })),
    recover: (fault: WaaError, attempt = 0) => run(layer.recover(setting.context(attempt), plan, fault)),
  };
}

describe('check', () => {
  it('says absent in an empty subscription and changes nothing', async () => {
    const { check, arm } = setUp();
    expect((await check()).state).toBe('absent');
    expect(arm.calls.filter((call) => /^(put|begin|delete|register)/.test(call))).toEqual([]);
  });

  it('says ready after provision, with what the vm layer needs', async () => {
    const { check, provision, plan } = setUp();
    await provision();
    const status = await check();
    expect(status).toMatchObject({
      state: 'ready',
      output: {
        subscriptionId: 'sub-1',
        resourceGroup: 'waa-demo',
        region: 'eastus',
        subnetId: 'subnet',
        nsgId: 'nsg',
        callerCidr: '203.0.113.7/32',
      },
      identity: `vnet@${plan.createdAt}`,
    });
  });

  it('says drifted when our address changed, and provision opens the port for the new one only', async () => {
    const { check, provision, where, arm } = setUp();
    await provision();
    where.address = '198.51.100.9';
    expect(await check()).toEqual({
      state: 'drifted',
      differences: ['port 22 is open from 203.0.113.7/32, but our address is 198.51.100.9/32'],
    });
    await provision();
    expect((await check()).state).toBe('ready');
    expect(arm.networks.get('waa-demo')?.sshSources).toEqual(['198.51.100.9/32']);
  });

  it.each([
    ['the world', { sshSources: ['203.0.113.7', '*'] }, 'port 22 is also open from *'],
    ['another port', { otherInbound: ['5000 from *'] }, 'the network also lets in 5000 from *'],
  ])('says drifted when the network is open for %s', async (_what, change, difference) => {
    const { check, provision, arm } = setUp();
    await provision();
    const network = arm.networks.get('waa-demo');
    if (!network) throw new Error('no network');
    arm.networks.set('waa-demo', { ...network, ...change });
    expect(await check()).toEqual({ state: 'drifted', differences: [difference] });
  });

  it('says unknown, not broken, when it could not look', async () => {
    const { check, arm } = setUp();
    arm.failures.set('subscription', [fail('AZURE_LOGIN_REQUIRED', { reason: 'no token' })]);
    expect(await check()).toMatchObject({ state: 'unknown', fault: { code: 'AZURE_LOGIN_REQUIRED' } });
  });

  it('repeats a look that was throttled', async () => {
    const { check, arm } = setUp();
    arm.failures.set('getResourceGroup', [fail('AZURE_THROTTLED', { detail: 'x', retryAfterMs: 17_000 })]);
    expect((await check()).state).toBe('absent');
  });
});

describe('a group that is not ours', () => {
  it.each([
    ['without our tag', {}],
    ['of another deployment', { 'waa-deployment': 'other' }],
  ])('%s is never touched', async (_what, tags) => {
    const { check, provision, arm } = setUp();
    arm.groups.set('waa-demo', { name: 'waa-demo', region: 'eastus', tags, provisioningState: 'Succeeded' });
    expect(await check()).toMatchObject({ state: 'unhealthy', fault: { code: 'AZURE_NOT_OURS' } });
    await expect(provision()).rejects.toMatchObject({ code: 'AZURE_NOT_OURS' });
    expect(arm.calls.filter((call) => call.startsWith('put'))).toEqual([]);
  });

  it('is ours whatever the case of the tag name', async () => {
    const { check, arm } = setUp();
    arm.groups.set('waa-demo', {
      name: 'waa-demo',
      region: 'eastus',
      tags: { 'WAA-Deployment': 'demo' },
      provisioningState: 'Succeeded',
    });
    expect((await check()).state).toBe('drifted');
  });
});

describe('provision', () => {
  it('twice writes the group once', async () => {
    const { provision, arm } = setUp();
    await provision();
    await provision();
    expect(arm.calls.filter((call) => call.startsWith('putResourceGroup'))).toHaveLength(1);
  });

  it('puts all five tags on the group', async () => {
    const { provision, arm, plan } = setUp();
    await provision();
    expect(arm.groups.get('waa-demo')?.tags).toEqual(workerTags(plan));
  });

  it('waits for the end of an old group of the same name, then makes a new one', async () => {
    const { provision, check, arm, clock, plan } = setUp();
    arm.groups.set('waa-demo', {
      name: 'waa-demo',
      region: 'westus2',
      tags: workerTags(plan),
      provisioningState: 'Deleting',
    });
    expect((await check()).state).toBe('in-progress');
    clock.schedule(60_000, () => arm.groups.delete('waa-demo'));
    await provision();
    expect(arm.groups.get('waa-demo')).toMatchObject({ region: 'eastus', provisioningState: 'Succeeded' });
  });
});

describe('recover', () => {
  it('registers the provider that is missing', async () => {
    const { recover, arm } = setUp();
    arm.providers.set('Microsoft.Network', 'NotRegistered');
    const recovery = await recover(fail('AZURE_PROVIDER_NOT_REGISTERED', { namespace: 'Microsoft.Network' }));
    expect(recovery.outcome).toBe('acted');
    expect(arm.providers.get('Microsoft.Network')).toBe('Registered');
  });
  it('waits as long as Azure asks for, and not for ever', async () => {
    const { recover, clock } = setUp();
    const fault = fail('AZURE_THROTTLED', { detail: 'x', retryAfterMs: 40_000 });
    const before = clock.now();
    expect((await recover(fault)).outcome).toBe('acted');
    expect(clock.now() - before).toBe(40_000);
    expect((await recover(fault, 2)).outcome).toBe('give-up');
  });
  it('gives up at once on what only a person can mend', async () => {
    const { recover, clock } = setUp();
    const before = clock.now();
    expect((await recover(fail('AZURE_POLICY_DENIED', { resource: 'x', policy: 'y' }))).outcome).toBe('give-up');
    expect(clock.now()).toBe(before);
  });
});

describe('evidence', () => {
  it('tells what could not be read instead of failing', async () => {
    const { layer, context, plan, arm, clock } = setUp();
    arm.failures.set('listResources', [fail('AZURE_UNREACHABLE', { endpoint: 'x', reason: 'down' })]);
    const evidence = await clock.runUntil(layer.evidence?.(context(), plan) ?? Promise.resolve([]));
    expect(evidence.map((part) => part.text)).toEqual([expect.stringContaining('could not be read'), 'no network']);
  });
});
