import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.js';
import { fail } from '../../../src/failures/waa-error.js';
import { Deadline } from '../../../src/health/deadline.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import type { VmSku } from '../../../src/clients/arm/arm.js';
import { createAzureCheckContext, type AzureCheckContext } from '../../../src/layers/azure/check-context.js';
import { covers, missingActions } from '../../../src/layers/azure/needed-actions.js';
import { azureChecks } from '../../../src/layers/azure/preflight.js';
import { nearestSizes, nestedSeriesOf } from '../../../src/layers/azure/vm-sizes.js';
import { createFakeArm, vmOf } from '../../helpers/fake-arm-client.js';

const sku = (name: string, vCpus = 8, memoryGb = 32, more: Partial<VmSku> = {}): VmSku => ({
  name,
  family: name.includes('ds_v5') ? 'standardDDSv5Family' : 'standardOtherFamily',
  vCpus,
  memoryGb,
  zones: ['1'],
  hyperVGenerations: ['V1', 'V2'],
  restrictions: [],
  ...more,
});

function setUp(over: Partial<AzureCheckContext> = {}) {
  const arm = createFakeArm();
  arm.skuRows.set('eastus', [
    sku('Standard_D8ds_v5'),
    sku('Standard_D8s_v5'),
    sku('Standard_D4s_v5', 4, 16),
    sku('Standard_D8as_v4'),
  ]);
  arm.usages.compute = [
    { name: 'standardDDSv5Family', current: 0, limit: 32 },
    { name: 'cores', current: 0, limit: 100 },
  ];
  arm.usages.network = [{ name: 'StandardSkuPublicIpAddresses', current: 0, limit: 10 }];
  const context = createAzureCheckContext({
    arm,
    prices: {
      vmPrice: () => Promise.resolve({ usdPerHour: 0.452, source: 'retail', asOf: '2026-01-01' }),
      itemPerDay: () => Promise.resolve(0.5),
      storagePerDay: () => Promise.resolve(1.2),
    },
    callerAddress: { publicIpv4: () => Promise.resolve('203.0.113.7') },
    config: configSchema.parse({}),
    region: 'eastus',
    vmSize: 'Standard_D8ds_v5',
    wantedVms: ['waa-demo-w0', 'waa-demo-w1'],
    hours: 2,
    ...over,
  });
  const deadline = Deadline.after(10_000, createManualClock());
  const check = (id: string) => {
    const found = azureChecks.find((one) => one.id === id);
    if (!found) throw new Error(`no check ${id}`);
    return found;
  };
  return { arm, context, deadline, check, run: (id: string) => check(id).run(context, deadline) };
}
const code = (outcome: Awaited<ReturnType<ReturnType<typeof setUp>['run']>>): string =>
  'problem' in outcome ? outcome.problem.code : outcome.outcome;

it('passes every check in a healthy subscription, asking for the sizes once', async () => {
  const { arm, context, deadline } = setUp();
  const outcomes = await Promise.all(azureChecks.map((one) => one.run(context, deadline)));
  expect(outcomes.map((one) => one.outcome).filter((one) => one !== 'pass' && one !== 'skipped')).toEqual([]);
  expect(arm.calls.filter((call) => call === 'vmSkus(eastus)')).toHaveLength(1);
});

it('has stable, distinct ids', () => {
  expect(azureChecks.map((one) => one.id)).toEqual([
    'azure-login',
    'azure-providers',
    'azure-quota',
    'azure-size',
    'azure-security-type',
    'azure-disk-sizes',
    'azure-ports',
    'azure-permissions',
    'azure-price',
    'azure-clock',
  ]);
});

describe('a check that could not look', () => {
  it('is neither pass nor problem', async () => {
    const { run, arm } = setUp();
    arm.failures.set('permissions', [fail('AZURE_UNREACHABLE', { endpoint: 'x', reason: 'down' })]);
    expect((await run('azure-permissions')).outcome).toBe('could-not-run');
  });
  it('is a problem where the look itself is refused for good', async () => {
    const { run, arm } = setUp();
    arm.failures.set('subscription', [fail('AZURE_LOGIN_REQUIRED', { reason: 'x' })]);
    expect(await run('azure-login')).toMatchObject({ outcome: 'problem', problem: { code: 'AZURE_LOGIN_REQUIRED' } });
  });
});

describe('quota', () => {
  it.each([
    ['family', { name: 'standardDDSv5Family', current: 20, limit: 32 }, 0],
    ['region', { name: 'cores', current: 90, limit: 100 }, 1],
  ])('of the %s is counted for all workers', async (_what, usage, index) => {
    const { run, arm } = setUp();
    arm.usages.compute[index] = usage;
    expect(await run('azure-quota')).toMatchObject({
      problem: { code: 'AZURE_QUOTA_EXCEEDED', params: { quota: usage.name, required: 16 } },
    });
  });
  it('of spot is one pool of its own', async () => {
    const { run, arm } = setUp({ config: configSchema.parse({ azure: { spot: true } }) });
    arm.usages.compute = [
      { name: 'standardDDSv5Family', current: 0, limit: 0 },
      { name: 'lowPriorityCores', current: 0, limit: 16 },
    ];
    expect((await run('azure-quota')).outcome).toBe('pass');
  });
  it('matches the family whatever its case', async () => {
    const { run, arm } = setUp();
    arm.usages.compute = [{ name: 'StandardDdsv5Family', current: 0, limit: 8 }];
    expect(code(await run('azure-quota'))).toBe('AZURE_QUOTA_EXCEEDED');
  });
  it('of public addresses is counted too', async () => {
    const { run, arm } = setUp();
    arm.usages.network = [{ name: 'PublicIPAddresses', current: 2, limit: 3 }];
    expect(code(await run('azure-quota'))).toBe('AZURE_PUBLIC_IP_QUOTA');
  });
});

describe('quota of VMs that stand already', () => {
  const both = ['waa-demo-w0', 'waa-demo-w1'] as const;
  /** No vCPU and no address is free: what stands has taken the last ones. */
  function exhausted(...powers: readonly (readonly [string, 'running' | 'stopped' | 'deallocated'])[]) {
    const setting = setUp({ resourceGroup: 'waa-demo', maxCostUsd: 1 });
    const { arm } = setting;
    arm.usages.compute = [{ name: 'cores', current: 16, limit: 16 }];
    arm.usages.network = [{ name: 'PublicIPAddresses', current: 2, limit: 2 }];
    for (const [name, power] of powers) arm.machines.set(`waa-demo/${name}`, vmOf('waa-demo', name, power));
    return setting;
  }

  it('is not asked for again, whatever quota and price say of new ones', async () => {
    const { run, arm } = exhausted([both[0], 'running'], [both[1], 'stopped']);
    const outcomes = await Promise.all(['azure-quota', 'azure-price', 'azure-security-type'].map(run));
    expect(outcomes.map(code)).toEqual(['pass', 'pass', 'pass']);
    expect(outcomes[1]).toMatchObject({ facts: { estimatedUsd: 0 } });
    expect(arm.calls.filter((call) => call.startsWith('listVms'))).toHaveLength(1);
  });
  it('is asked for by one that is deallocated, which kept its address', async () => {
    const { run, arm } = exhausted([both[0], 'running'], [both[1], 'deallocated']);
    expect(await run('azure-quota')).toMatchObject({ problem: { params: { quota: 'cores', required: 8 } } });
    arm.usages.compute = [{ name: 'cores', current: 8, limit: 16 }];
    expect((await run('azure-quota')).outcome).toBe('pass');
  });
  it('is asked for by one that is missing, with an address', async () => {
    const { run, arm } = exhausted([both[0], 'running']);
    arm.usages.compute = [{ name: 'cores', current: 8, limit: 16 }];
    expect(await run('azure-quota')).toMatchObject({
      problem: { code: 'AZURE_PUBLIC_IP_QUOTA', params: { required: 1 } },
    });
  });
  it('is not asked for even where the limit was lowered below what is used', async () => {
    const { run, arm } = exhausted([both[0], 'running'], [both[1], 'deallocated']);
    arm.usages.compute = [];
    arm.usages.network = [{ name: 'PublicIPAddresses', current: 2, limit: 1 }];
    expect((await run('azure-quota')).outcome).toBe('pass');
  });
});

describe('size', () => {
  it('without nested virtualization is refused, with the nearest that has it', async () => {
    const { run } = setUp({ vmSize: 'Standard_D8as_v4' });
    expect(await run('azure-size')).toMatchObject({
      problem: { code: 'AZURE_SIZE_NOT_NESTED', params: { nearest: 'Standard_D8s_v5, Standard_D8ds_v5' } },
    });
  });
  it('restricted here is refused, with sizes of this region and regions that have it', async () => {
    const { run, arm } = setUp();
    arm.skuRows.set('eastus', [
      sku('Standard_D8ds_v5', 8, 32, { restrictions: ['NotAvailableForSubscription'] }),
      sku('Standard_D8s_v5'),
    ]);
    arm.skuRows.set('westus2', [sku('Standard_D8ds_v5')]);
    expect(await run('azure-size')).toMatchObject({
      problem: { code: 'AZURE_SIZE_UNAVAILABLE', params: { nearest: 'Standard_D8s_v5, Standard_D8ds_v5 in westus2' } },
    });
  });
  it('that does not exist here is named as such', async () => {
    expect(code(await setUp({ vmSize: 'Standard_D8ds_v6' }).run('azure-size'))).toBe('AZURE_SIZE_UNKNOWN');
  });
  it('too small for the configured Windows is refused', async () => {
    expect(code(await setUp({ vmSize: 'Standard_D4s_v5' }).run('azure-size'))).toBe('AZURE_SIZE_TOO_SMALL');
  });
  it.each(['Standard_D8ds_v5', 'Standard_D8s_v3', 'Standard_E16-8ds_v5', 'Standard_F8s_v2', 'Standard_D8ads_v6'])(
    '%s has nested virtualization',
    (size) => {
      expect(nestedSeriesOf(size)).toBeDefined();
    },
  );
  it.each([
    'Standard_B8ms',
    'Standard_D8pds_v5',
    'Standard_DC8s_v3',
    'Standard_D8as_v4',
    'Standard_D8as_v7',
    'Standard_NC8as_T4_v3',
    'Standard_D8_v2',
    'Standard_EC8ads_v5',
  ])('%s has not', (size) => {
    expect(nestedSeriesOf(size)).toBeUndefined();
  });
  it('suggests the preferred ones first', () => {
    const rows = [sku('Standard_E8s_v5', 8, 64), sku('Standard_D16s_v5', 16, 64), sku('Standard_D8s_v3')];
    expect(nearestSizes(rows, 'Standard_D8ds_v5', { vCpus: 8, memoryGb: 12 }, ['Standard_D8s_v3'])[0]).toBe(
      'Standard_D8s_v3',
    );
  });
});

describe('other checks', () => {
  it('finds a VM of security type TrustedLaunch', async () => {
    const { run, arm } = setUp({ resourceGroup: 'waa-demo' });
    arm.machines.set('waa-demo/v', vmOf('waa-demo', 'v', 'running', { securityType: 'TrustedLaunch' }));
    expect(code(await run('azure-security-type'))).toBe('AZURE_TRUSTED_LAUNCH');
  });
  it('names the actions no role allows', async () => {
    const { run, arm } = setUp();
    arm.grants = [
      { actions: ['*/read'], notActions: [] },
      { actions: ['Microsoft.Network/*', 'Microsoft.Compute/*', 'Microsoft.DevTestLab/*'], notActions: ['*/delete'] },
    ];
    expect(await run('azure-permissions')).toMatchObject({
      problem: {
        code: 'AZURE_ACTIONS_MISSING',
        params: { actions: expect.stringContaining('resourceGroups/write') as string },
      },
    });
  });
  it('stops above the price limit and passes below it', async () => {
    expect(code(await setUp({ maxCostUsd: 1 }).run('azure-price'))).toBe('AZURE_OVER_BUDGET');
    expect(await setUp({ maxCostUsd: 5 }).run('azure-price')).toMatchObject({
      outcome: 'pass',
      facts: { estimatedUsd: 2.008 },
    });
  });
  it.each([
    ['three hours behind', 3 * 3_600_000, 'OWN_CLOCK_WRONG'],
    ['six minutes ahead', -6 * 60_000, 'OWN_CLOCK_WRONG'],
    ['four minutes behind', 4 * 60_000, 'pass'],
    ['five minutes behind, as far as can be told', 300_900, 'pass'],
  ])('compares the clocks: ours is %s', async (_, aheadMs, expected) => {
    const { run, arm } = setUp();
    arm.aheadMs = aheadMs;
    expect(code(await run('azure-clock'))).toBe(expected);
  });
  it('repairs an open port, but only in a group that carries our tag', async () => {
    const { run, check, arm, context, deadline } = setUp({ resourceGroup: 'waa-demo' });
    arm.networks.set('waa-demo', {
      vnetId: 'v',
      subnetId: 's',
      nsgId: 'n',
      sshSources: ['203.0.113.7/32', '0.0.0.0/0'],
      otherInbound: [],
    });
    arm.groups.set('waa-demo', { name: 'waa-demo', region: 'eastus', tags: {}, provisioningState: 'Succeeded' });
    expect(code(await run('azure-ports'))).toBe('AZURE_PORT_OPEN_TO_WORLD');
    await expect(check('azure-ports').fix?.(context, deadline)).rejects.toMatchObject({ code: 'AZURE_NOT_OURS' });
    arm.groups.set('waa-demo', {
      name: 'waa-demo',
      region: 'eastus',
      tags: { 'waa-deployment': 'demo' },
      provisioningState: 'Succeeded',
    });
    await check('azure-ports').fix?.(context, deadline);
    expect((await run('azure-ports')).outcome).toBe('pass');
  });
  it('registers providers that are missing', async () => {
    const { run, check, arm, context, deadline } = setUp();
    arm.providers.set('Microsoft.DevTestLab', 'NotRegistered');
    expect(await run('azure-providers')).toMatchObject({
      problem: {
        fix: expect.arrayContaining(['az provider register --namespace Microsoft.DevTestLab --wait']) as string[],
      },
    });
    await check('azure-providers').fix?.(context, deadline);
    expect((await run('azure-providers')).outcome).toBe('pass');
  });
});

describe('action patterns', () => {
  it.each([
    ['*', true],
    ['Microsoft.Compute/*', true],
    ['*/read', false],
    ['microsoft.compute/virtualmachines/write', true],
    ['Microsoft.Compute/virtualMachines', false],
    ['Microsoft.Compute/*/write', true],
  ])('%s covers a VM write: %s', (pattern, expected) => {
    expect(covers(pattern, 'Microsoft.Compute/virtualMachines/write')).toBe(expected);
  });
  it('takes back only within the same entry', () => {
    const grants = [
      { actions: ['*'], notActions: ['a/write'] },
      { actions: ['a/*'], notActions: [] },
    ];
    expect(missingActions(grants, ['a/write', 'b/write'])).toEqual([]);
    expect(missingActions(grants.slice(0, 1), ['a/write'])).toEqual(['a/write']);
  });
});
