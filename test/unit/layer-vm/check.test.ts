import { describe, expect, it } from 'vitest';
import type { VirtualMachine } from '../../../src/clients/arm/arm.js';
import { fail } from '../../../src/failures/waa-error.js';
import type { HostFacts } from '../../../src/host/host-tools.js';
import { okFacts } from './fake-host.js';
import { refused, setUp } from './vm-layer.js';

const GB = 1024 ** 3;

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
        docker: { installed: false, active: false, version: '', startingS: undefined },
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
        docker: { installed: false, active: false, version: '', startingS: undefined },
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
