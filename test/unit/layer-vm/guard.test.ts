import { describe, expect, it } from 'vitest';
import type { VirtualMachine } from '../../../src/clients/arm/arm.js';
import { fail } from '../../../src/failures/waa-error.js';
import { Deadline } from '../../../src/health/deadline.js';
import { createVmLayer } from '../../../src/layers/vm/index.js';
import { createFakeArm, vmOf } from '../../helpers/fake-arm-client.js';
import { createWorkerSetting } from '../../helpers/worker-setting.js';
import { createFakeHost } from './fake-host.js';

const scripts = new Map(['lib.sh', 'disk-prepare.sh', 'docker-install.sh'].map((name) => [name, '#!/bin/sh\n']));
const input = {
  subscriptionId: 's',
  resourceGroup: 'waa-demo',
  region: 'eastus',
  subnetId: 'subnet',
  nsgId: 'nsg',
  callerCidr: '203.0.113.7/32',
};

function setUp(vm?: Partial<VirtualMachine>) {
  const { plan, clock, context } = createWorkerSetting();
  const { resourceGroup, vmName, region } = plan;
  const arm = createFakeArm();
  const host = createFakeHost();
  if (vm) arm.machines.set(`${resourceGroup}/${vmName}`, vmOf(resourceGroup, vmName, 'running', vm));
  const layer = createVmLayer({
    arm,
    links: host.links,
    host: host.tools,
    plan,
    guard: ({ deadline }) => arm.putShutdownSchedule(resourceGroup, vmName, region, '1200', {}, deadline),
    bootScripts: () => Promise.resolve(scripts),
  });
  const provision = () => clock.runUntil(layer.provision(context(0, 600_000), input, { state: 'absent' }));
  return { arm, provision };
}

describe('the end of the billing', () => {
  it('has set an end to the billing before it waits for the VM', async () => {
    const { provision, arm } = setUp();
    arm.onWait = () => {
      expect(arm.calls.slice(-2)).toEqual(['beginCreateVm(waa-demo-w0)', 'putShutdownSchedule(waa-demo-w0)']);
      arm.onWait = () => undefined;
    };
    await provision();
    expect.assertions(1);
  });

  it('does not keep a VM whose billing nothing would end', async () => {
    const { provision, arm } = setUp();
    arm.failures.set('putShutdownSchedule', [fail('AZURE_LOGIN_REQUIRED', { reason: 'x' })]);
    await expect(provision()).rejects.toMatchObject({ code: 'VM_UNGUARDED' });
    expect(arm.calls.at(-1)).toBe('beginDeleteVm(waa-demo-w0)');
  });

  it('is set for a VM that Azure took just before a person stopped waa', async () => {
    const { clock, plan, context } = createWorkerSetting();
    const { resourceGroup, vmName, region } = plan;
    const arm = createFakeArm();
    const stop = new AbortController();
    const { links, tools } = createFakeHost();
    const put = (deadline: Deadline) => arm.putShutdownSchedule(resourceGroup, vmName, region, '1200', {}, deadline);
    const guard: Parameters<typeof createVmLayer>[0]['guard'] = ({ deadline }) => {
      if (arm.calls.at(-1)?.startsWith('beginCreateVm') === true) stop.abort(new Error('SIGINT'));
      return deadline.race(Promise.resolve()).then(() => put(deadline));
    };
    const bootScripts = () => Promise.resolve(scripts);
    const layer = createVmLayer({ arm, links, host: tools, plan, guard, bootScripts });
    const ctx = { ...context(), deadline: Deadline.after(600_000, clock, stop.signal) };
    await expect(clock.runUntil(layer.provision(ctx, input, { state: 'absent' }))).rejects.toThrow('SIGINT');
    expect(arm.calls.slice(-2)).toEqual([`beginCreateVm(${vmName})`, `putShutdownSchedule(${vmName})`]);
  });

  it('sets an end to the billing before it starts a VM', async () => {
    const { provision, arm } = setUp({ power: 'deallocated' });
    await provision();
    const acts = arm.calls.filter((call) => /^(begin|put)/.test(call));
    expect(acts).toEqual(['putShutdownSchedule(waa-demo-w0)', 'beginStartVm(waa-demo-w0)']);
  });
});

it('a spot VM that finds no quota is kept with its disks: another size would find none either', async () => {
  const { provision, arm } = setUp({ power: 'deallocated', spot: true });
  const counter = { quota: 'lowPriorityCores', region: 'eastus', limit: 8, used: 8, required: 8 };
  arm.failures.set('beginStartVm', [fail('AZURE_QUOTA_EXCEEDED', counter)]);
  await expect(provision()).rejects.toMatchObject({ code: 'AZURE_QUOTA_EXCEEDED' });
  expect(arm.calls.filter((call) => /^begin/.test(call))).toEqual(['beginStartVm(waa-demo-w0)']);
  expect([...arm.machines.values()]).toMatchObject([{ power: 'deallocated' }]);
});
