import { describe, expect, it } from 'vitest';
import type { VirtualMachine } from '../../../src/clients/arm/arm.js';
import { fail, type WaaError } from '../../../src/failures/waa-error.js';
import type { HostFacts } from '../../../src/host/host-tools.js';
import type { AzureOutput } from '../../../src/layers/io.js';
import type { LayerStatus } from '../../../src/layers/layer.js';
import { createVmLayer } from '../../../src/layers/vm/index.js';
import { createFakeArm, vmOf } from '../../helpers/fake-arm-client.js';
import { createWorkerSetting } from '../../helpers/worker-setting.js';
import { createFakeHost, okFacts } from './fake-host.js';

const GB = 1024 ** 3;
const scripts = new Map(['lib.sh', 'disk-prepare.sh', 'docker-install.sh'].map((name) => [name, '#!/bin/sh\n']));
const refused = (): WaaError => fail('VM_SSH_REFUSED', { host: '20.1.2.3', port: 22 });

function setUp(vm?: Partial<VirtualMachine>) {
  const setting = createWorkerSetting();
  const { plan, clock, context } = setting;
  const arm = createFakeArm();
  const host = createFakeHost();
  const key = `${plan.resourceGroup}/${plan.vmName}`;
  if (vm) arm.machines.set(key, vmOf(plan.resourceGroup, plan.vmName, 'running', vm));
  const layer = createVmLayer({
    arm,
    links: host.links,
    host: host.tools,
    plan,
    guard: ({ deadline }) =>
      arm.putShutdownSchedule(plan.resourceGroup, plan.vmName, plan.region, '1200', {}, deadline),
    bootScripts: () => Promise.resolve(scripts),
  });
  const input: AzureOutput = {
    subscriptionId: 's',
    resourceGroup: plan.resourceGroup,
    region: 'eastus',
    subnetId: 'subnet',
    nsgId: 'nsg',
    callerCidr: '203.0.113.7/32',
  };
  const run = <T>(work: Promise<T>): Promise<T> => clock.runUntil(work);
  const acts = (): readonly string[] => arm.calls.filter((call) => /^(begin|resume)/.test(call));
  return {
    ...setting,
    arm,
    host,
    layer,
    input,
    key,
    acts,
    check: () => run(layer.check(context(0, 60_000), input)),
    provision: (seen: LayerStatus<never> = { state: 'absent' }) =>
      run(layer.provision(context(0, 600_000), input, seen)),
    recover: (fault: WaaError, attempt = 0) => run(layer.recover(context(attempt), input, fault)),
  };
}

describe('check of the vm layer', () => {
  it('says absent without a VM', async () => {
    expect((await setUp().check()).state).toBe('absent');
  });

  it('says ready with all that upper layers need; the boot id is the identity', async () => {
    expect(await setUp({}).check()).toMatchObject({
      state: 'ready',
      identity: 'boot-1',
      output: {
        address: { host: '20.1.2.3', port: 22, user: 'azureuser' },
        cpuCores: 8,
        dataDirectory: '/data',
        acceleration: 'kvm',
      },
    });
  });

  it('says unknown when Azure cannot be asked', async () => {
    const { check, arm } = setUp({});
    arm.failures.set('getVm', [fail('AZURE_LOGIN_REQUIRED', { reason: 'x' })]);
    expect(await check()).toMatchObject({ state: 'unknown', fault: { code: 'AZURE_LOGIN_REQUIRED' } });
  });

  it.each([
    [{ power: 'deallocated' }, 'it is deallocated'],
    [{ power: 'stopped' }, 'it is stopped'],
    [{ deletesWithVm: false }, 'its NIC and disks would outlive it'],
    [{ publicIp: undefined }, 'it has no public address'],
  ] as [Partial<VirtualMachine>, string][])('says drifted for %j', async (vm, difference) => {
    expect(await setUp(vm).check()).toEqual({ state: 'drifted', differences: [difference] });
  });

  it.each([[{ provisioningState: 'Creating' }], [{ provisioningState: 'Deleting' }], [{ power: 'starting' }]] as [
    Partial<VirtualMachine>,
  ][])('says in-progress for %j', async (vm) => {
    expect((await setUp(vm).check()).state).toBe('in-progress');
  });

  it('hands out the token of a creation that another process began', async () => {
    const { check, tokens } = setUp({ provisioningState: 'Creating' });
    tokens.set('vm-create', 'T');
    expect(await check()).toMatchObject({ state: 'in-progress', resume: 'T' });
  });

  it.each([
    [{ securityType: 'TrustedLaunch' }, 'VM_SECURITY_TYPE'],
    [{ provisioningState: 'Failed' }, 'VM_PROVISIONING_FAILED'],
  ] as [Partial<VirtualMachine>, string][])('names %j as %s', async (vm, code) => {
    expect(await setUp(vm).check()).toMatchObject({ state: 'unhealthy', fault: { code } });
  });

  it('does not name a failed operation on a VM that is off: the start will heal it, or say why it cannot', async () => {
    const vm = { provisioningState: 'Failed', power: 'deallocated' } as const;
    expect(await setUp(vm).check()).toMatchObject({ state: 'drifted', differences: ['it is deallocated'] });
  });

  it('takes a missing security type for Standard, as Azure shows it', async () => {
    expect((await setUp({ securityType: undefined }).check()).state).toBe('ready');
  });

  const withMounts = (free: readonly [string, number][]): Partial<HostFacts> => ({
    mounts: free.map(([path, gb]) => ({ path, source: 'x', fsType: 'ext4', sizeBytes: 300 * GB, freeBytes: gb * GB })),
  });
  it.each([
    [
      'first boot going on',
      { cloudInit: { status: 'running', extendedStatus: 'running', exitCode: 0, errors: [] } },
      'in-progress',
      undefined,
    ],
    [
      'a failed first boot without Docker',
      {
        cloudInit: { status: 'error', extendedStatus: 'error - done', exitCode: 1, errors: ['apt'] },
        docker: { installed: false, active: false, version: '' },
      },
      'unhealthy',
      'VM_CLOUD_INIT_FAILED',
    ],
    [
      'user data that was not understood',
      {
        cloudInit: {
          status: 'done',
          extendedStatus: 'degraded done',
          exitCode: 2,
          errors: ['Unhandled non-multipart'],
        },
        docker: { installed: false, active: false, version: '' },
      },
      'unhealthy',
      'VM_CLOUD_INIT_FAILED',
    ],
    [
      'a failed first boot whose work was done since',
      {
        cloudInit: { status: 'error', extendedStatus: 'error - done', exitCode: 1, errors: ['apt'] },
      },
      'ready',
      undefined,
    ],
    ['a data disk not mounted', withMounts([['/', 50]]), 'unhealthy', 'VM_DATA_DISK_UNMOUNTED'],
    ['no data disk', { ...withMounts([['/', 50]]), dataDevice: undefined }, 'unhealthy', 'VM_DATA_DISK_MISSING'],
    [
      'a full data disk',
      withMounts([
        ['/', 50],
        ['/data', 5],
      ]),
      'unhealthy',
      'VM_DISK_SPACE',
    ],
    [
      'a full OS disk',
      withMounts([
        ['/', 0.5],
        ['/data', 100],
      ]),
      'unhealthy',
      'VM_DISK_SPACE',
    ],
  ] as [string, Partial<HostFacts>, string, string | undefined][])('%s', async (_name, facts, state, code) => {
    const { check, host } = setUp({});
    host.facts = { ...okFacts, ...facts };
    expect(await check()).toMatchObject({ state, ...(code === undefined ? {} : { fault: { code } }) });
  });

  it('tests KVM and does not trust its presence', async () => {
    const { check, host } = setUp({});
    host.kvm = { usable: false, reason: 'run-failed', detail: 'exit reason 17' };
    expect(await check()).toMatchObject({
      state: 'unhealthy',
      fault: { code: 'VM_KVM_UNUSABLE', params: { reason: 'run-failed' } },
    });
  });

  it('answers a refused SSH at once', async () => {
    const { check, host, clock } = setUp({});
    host.openFailures.push(refused());
    const began = clock.now();
    expect(await check()).toMatchObject({ state: 'unhealthy', fault: { code: 'VM_SSH_REFUSED' } });
    expect(clock.now()).toBe(began);
  });

  it.each([
    [50_000, 'in-progress'],
    [70_000, 'unhealthy'],
  ])('takes refused SSH %s ms after Azure started it for %s', async (sinceMs, state) => {
    const { check, host, clock, arm, key } = setUp({});
    const vm = arm.machines.get(key);
    if (vm) arm.machines.set(key, { ...vm, changedAtMs: clock.now() - sinceMs });
    host.openFailures.push(refused());
    expect((await check()).state).toBe(state);
  });

  it('looks again when the connection broke in the middle', async () => {
    const { check, host } = setUp({});
    host.openFailures.push(fail('VM_SSH_DROPPED', { host: 'h', during: 'facts' }));
    expect((await check()).state).toBe('ready');
  });
});

describe('provision of the vm layer', () => {
  it('creates the VM, waits for SSH and first boot, and is ready', async () => {
    const { provision, check, host, acts, plan } = setUp();
    host.openFailures.push(refused(), refused());
    await provision();
    expect(acts()).toEqual([`beginCreateVm(${plan.vmName})`]);
    expect(host.calls).toContain('forget 20.1.2.3');
    expect((await check()).state).toBe('ready');
  });

  it('saves the token before it waits and forgets it at the end', async () => {
    const { provision, arm, tokens } = setUp();
    const seen: (string | undefined)[] = [];
    arm.onWait = () => seen.push(tokens.get('vm-create'));
    await provision();
    expect(seen).toHaveLength(1);
    expect(seen[0]).toContain('create');
    expect(tokens.size).toBe(0);
  });

  it('continues a creation that a killed process began', async () => {
    const { provision, arm, acts, tokens, plan, layer, input, context, clock } = setUp();
    arm.onWait = () => {
      throw new Error('killed');
    };
    await expect(clock.runUntil(layer.provision(context(), input, { state: 'absent' }))).rejects.toThrow();
    arm.onWait = () => undefined;
    tokens.set('vm-create', JSON.stringify({ name: `create ${plan.vmName}`, number: 1 }));
    await provision();
    expect(acts()).toEqual([`beginCreateVm(${plan.vmName})`, 'resumeOperation()']);
  });

  it('begins again when Azure has forgotten the operation', async () => {
    const { provision, tokens, acts, plan } = setUp();
    tokens.set('vm-create', 'long ago');
    await provision();
    expect(acts()).toEqual(['resumeOperation()', `beginCreateVm(${plan.vmName})`]);
  });

  it('begins again when the remembered creation had ended and its VM was deleted since', async () => {
    const { provision, tokens, arm, acts, plan, check } = setUp();
    tokens.set('vm-create', 'ended well');
    arm.resumeOperation = (token) => Promise.resolve({ name: 'create', token, wait: () => Promise.resolve() });
    await provision();
    expect(acts()).toEqual([`beginCreateVm(${plan.vmName})`]);
    expect((await check()).state).toBe('ready');
  });

  it('takes the next size when one cannot be had', async () => {
    const { provision, arm } = setUp();
    const sizes: string[] = [];
    const begin = arm.beginCreateVm.bind(arm);
    arm.beginCreateVm = (spec, deadline) => {
      sizes.push(spec.size);
      return begin(spec, deadline);
    };
    arm.failures.set('beginCreateVm', [
      fail('AZURE_SIZE_UNAVAILABLE', { size: 'a', region: 'eastus', nearest: '' }),
      fail('AZURE_ALLOCATION_FAILED', { azureCode: 'AllocationFailed', detail: 'x', retryAfterMs: 0 }),
    ]);
    await provision();
    expect(sizes).toEqual(['Standard_D8ds_v5', 'Standard_D8s_v5', 'Standard_D8ds_v4']);
  });

  it('removes what a failed allocation left before it takes the next size', async () => {
    const { provision, arm, acts, key, plan } = setUp();
    arm.onWait = (name) => {
      if (!name.startsWith('create') || arm.machines.has(key)) return;
      arm.machines.set(key, vmOf(plan.resourceGroup, plan.vmName, 'unknown', { provisioningState: 'Failed' }));
      throw fail('AZURE_ALLOCATION_FAILED', { azureCode: 'AllocationFailed', detail: 'x', retryAfterMs: 0 });
    };
    const created = provision();
    await expect(created).rejects.toMatchObject({ code: 'VM_NO_SIZE_AVAILABLE' });
    expect(acts().slice(0, 3)).toEqual([
      `beginCreateVm(${plan.vmName})`,
      `beginDeleteVm(${plan.vmName})`,
      `beginCreateVm(${plan.vmName})`,
    ]);
  });

  it('says so when no size can be had, with the regions to try', async () => {
    const { provision, arm } = setUp();
    arm.failures.set(
      'beginCreateVm',
      Array.from({ length: 9 }, () => fail('AZURE_SIZE_UNAVAILABLE', { size: 'a', region: 'eastus', nearest: '' })),
    );
    await expect(provision()).rejects.toMatchObject({
      code: 'VM_NO_SIZE_AVAILABLE',
      params: { regions: 'centralus, westus2, eastus2' },
    });
  });

  it('starts a deallocated VM instead of making one', async () => {
    const { provision, acts, plan, check } = setUp({ power: 'deallocated' });
    await provision();
    expect(acts()).toEqual([`beginStartVm(${plan.vmName})`]);
    expect((await check()).state).toBe('ready');
  });

  it('waits for a VM that somebody else is creating', async () => {
    const { provision, arm, key, acts, clock, plan } = setUp({ provisioningState: 'Creating' });
    clock.schedule(60_000, () => arm.machines.set(key, vmOf(plan.resourceGroup, plan.vmName)));
    await provision();
    expect(acts()).toEqual([]);
  });

  it('prepares a data disk that first boot did not mount', async () => {
    const { provision, host } = setUp({});
    host.facts = { ...okFacts, mounts: okFacts.mounts.slice(0, 1) };
    await provision();
    expect(host.calls).toContain('prepareDataDisk 0 /data');
  });

  it('waits for first boot to end', async () => {
    const { provision, host, clock } = setUp({});
    host.facts = { ...okFacts, cloudInit: { status: 'running', extendedStatus: 'running', exitCode: 0, errors: [] } };
    clock.schedule(90_000, () => {
      host.facts = okFacts;
    });
    await provision();
    expect(host.facts.cloudInit.status).toBe('done');
  });

  it('gives SSH five minutes and then names the last thing seen', async () => {
    const { provision, host, clock } = setUp({});
    host.openFailures.push(...Array.from({ length: 500 }, refused));
    const began = clock.now();
    await expect(provision()).rejects.toMatchObject({ code: 'VM_SSH_NOT_UP', params: { seconds: 300 } });
    expect(clock.now() - began).toBe(300_000);
  });

  it('does not mistake a key that is not in place yet for a wrong one', async () => {
    const { provision, host } = setUp();
    host.openFailures.push(fail('VM_SSH_AUTH', { host: 'h', user: 'u', key: 'k' }));
    await provision();
  });

  it('stops at once for a host key that changed', async () => {
    const { provision, host } = setUp({});
    host.openFailures.push(fail('VM_HOST_KEY_CHANGED', { host: 'h', name: 'h', file: 'f', pinned: 'a', seen: 'b' }));
    await expect(provision()).rejects.toMatchObject({ code: 'VM_HOST_KEY_CHANGED' });
  });
});

describe('recovery of the vm layer', () => {
  it.each([
    [0, 'acted', []],
    [1, 'acted', ['beginRestartVm']],
    [2, 'give-up', []],
  ] as [number, string, string[]][])('climbs for a host that refuses: rung %i', async (attempt, outcome, expected) => {
    const { recover, acts } = setUp({});
    expect((await recover(refused(), attempt)).outcome).toBe(outcome);
    expect(acts().map((call) => call.replace(/\(.*/, ''))).toEqual(expected);
  });

  it('moves a VM without KVM to another host, once', async () => {
    const { recover, acts } = setUp({});
    const fault = fail('VM_KVM_UNUSABLE', { host: 'h', reason: 'missing', detail: '' });
    expect((await recover(fault)).outcome).toBe('acted');
    expect(acts().map((call) => call.replace(/\(.*/, ''))).toEqual(['beginDeallocateVm', 'beginStartVm']);
    expect((await recover(fault, 1)).outcome).toBe('give-up');
  });

  it('does itself what a failed first boot left undone', async () => {
    const { recover, host, check } = setUp({});
    host.facts = {
      ...okFacts,
      docker: { installed: false, active: false, version: '' },
      cloudInit: { status: 'error', extendedStatus: 'error - done', exitCode: 1, errors: ['apt'] },
    };
    await recover(fail('VM_CLOUD_INIT_FAILED', { host: 'h', status: 'error', detail: 'apt' }));
    expect(host.calls).toEqual(expect.arrayContaining(['prepareDataDisk 0 /data', 'installDocker /data/docker']));
    expect((await check()).state).toBe('ready');
  });

  it('cleans a full disk', async () => {
    const { recover, host } = setUp({});
    const { outcome } = await recover(fail('VM_DISK_SPACE', { host: 'h', path: '/data', freeGb: 5, needGb: 15 }));
    expect(outcome).toBe('acted');
    expect(host.calls).toContain('cleanDisks');
  });

  it('never touches what is permanent', async () => {
    const { recover, acts } = setUp({});
    const { outcome } = await recover(fail('VM_SECURITY_TYPE', { vm: 'v', securityType: 'TrustedLaunch' }));
    expect(outcome).toBe('give-up');
    expect(acts()).toEqual([]);
  });

  it('collects evidence and never throws', async () => {
    const { layer, context, input, clock, arm } = setUp({});
    const evidence = await clock.runUntil(layer.evidence?.(context(), input) ?? Promise.resolve([]));
    expect(evidence.map((item) => item.title)).toEqual(['VM in Azure', 'kernel']);
    arm.failures.set('getVm', [fail('AZURE_LOGIN_REQUIRED', { reason: 'x' })]);
    expect(await clock.runUntil(layer.evidence?.(context(), input) ?? Promise.resolve([]))).toHaveLength(1);
  });
});
