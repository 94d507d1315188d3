import { describe, expect, it } from 'vitest';
import { fail } from '../../../src/failures/waa-error.js';
import { vmOf } from '../../helpers/fake-arm-client.js';
import { okFacts } from './fake-host.js';
import { refused, setUp } from './vm-layer.js';

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

  it('starts a VM that was deallocated since a killed process left the token of its start behind', async () => {
    const { provision, tokens, arm, key } = setUp({ power: 'deallocated' });
    tokens.set('vm-start', 'ended well');
    arm.resumeOperation = (token) => Promise.resolve({ name: 'start', token, wait: () => Promise.resolve() });
    await provision({ state: 'drifted', differences: ['it is deallocated'] });
    expect(arm.machines.get(key)?.power).toBe('running');
    expect(tokens.has('vm-start')).toBe(false);
  });

  it('waits for the end of a start that goes on', async () => {
    const { provision, tokens, arm, key, acts } = setUp({ power: 'deallocated', provisioningState: 'Succeeded' });
    const vm = arm.machines.get(key);
    if (vm) arm.machines.set(key, { ...vm, power: 'starting' });
    tokens.set('vm-start', 'T');
    const running = (): void => {
      if (vm) arm.machines.set(key, { ...vm, power: 'running' });
    };
    arm.resumeOperation = (token) =>
      Promise.resolve({ name: 'start', token, wait: () => Promise.resolve().then(running) });
    await provision({ state: 'drifted', differences: ['it is deallocated'] });
    expect(acts()).toEqual([]);
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
