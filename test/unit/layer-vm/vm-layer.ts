import type { VirtualMachine } from '../../../src/clients/arm/arm.js';
import { fail, type WaaError } from '../../../src/failures/waa-error.js';
import type { AzureOutput } from '../../../src/layers/io.js';
import type { LayerStatus } from '../../../src/layers/layer.js';
import type { GoldenDisk } from '../../../src/layers/worker-plan.js';
import { createVmLayer } from '../../../src/layers/vm/index.js';
import { createFakeArm, vmOf } from '../../helpers/fake-arm-client.js';
import { createWorkerSetting } from '../../helpers/worker-setting.js';
import { createFakeHost } from './fake-host.js';

const scripts = new Map(['lib.sh', 'disk-prepare.sh', 'docker-install.sh'].map((name) => [name, '#!/bin/sh\n']));
export const refused = (): WaaError => fail('VM_SSH_REFUSED', { host: '20.1.2.3', port: 22 });

/** The vm layer of one worker on a fake Azure and a fake host; with a VM and a golden disk, when they are given. */
export function setUp(vm?: Partial<VirtualMachine>, golden?: GoldenDisk) {
  const setting = createWorkerSetting();
  const { clock, context } = setting;
  const plan = { ...setting.plan, ...(golden ? { golden } : {}) };
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
