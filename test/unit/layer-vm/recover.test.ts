import { describe, expect, it } from 'vitest';
import { fail } from '../../../src/failures/waa-error.js';
import { okFacts } from './fake-host.js';
import { refused, setUp } from './vm-layer.js';

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

  it('moves a VM without KVM to another host, once, and hangs up before', async () => {
    const { recover, acts, host } = setUp({});
    const fault = fail('VM_KVM_UNUSABLE', { host: 'h', reason: 'missing', detail: '' });
    expect((await recover(fault)).outcome).toBe('acted');
    expect(acts().map((call) => call.replace(/\(.*/, ''))).toEqual(['beginDeallocateVm', 'beginStartVm']);
    expect(host.calls[0]).toBe('hang up');
    expect((await recover(fault, 1)).outcome).toBe('give-up');
  });

  it('does itself what a failed first boot left undone', async () => {
    const { recover, host, check } = setUp({});
    host.facts = {
      ...okFacts,
      docker: { installed: false, active: false, version: '', startingS: undefined },
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
