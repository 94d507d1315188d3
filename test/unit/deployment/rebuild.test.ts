import { describe, expect, it } from 'vitest';
import type { ResourceRef, VirtualMachine } from '../../../src/clients/arm/arm.js';
import { rebuildDeployment } from '../../../src/deployment/rebuild.js';

const group = { name: 'waa-p', region: 'eastus', tags: { 'waa-deployment': 'p' }, provisioningState: 'Succeeded' };
const resource = (name: string): ResourceRef => ({ id: name, name, type: 'Microsoft.Network/x', tags: {} });
const vm = (name: string, power: VirtualMachine['power'] = 'running'): VirtualMachine => ({
  id: name,
  vmId: name,
  name,
  region: 'westus2',
  size: 'Standard_D8ds_v5',
  securityType: 'Standard',
  provisioningState: 'Succeeded',
  power,
  tags: {},
  nicId: undefined,
  deletesWithVm: true,
  publicIp: undefined,
  spot: false,
  createdAtMs: undefined,
  changedAtMs: undefined,
});
const rebuild = (vms: readonly VirtualMachine[], names: readonly string[]) =>
  rebuildDeployment('p', { group, vms, resources: names.map(resource) }, 0);

describe('a deployment rebuilt from what stands in Azure', () => {
  it('has every worker of whom anything stands, sorted by number, and is not finished while one has no VM', () => {
    const seen = rebuild([vm('waa-p-w10'), vm('waa-p-w2')], ['waa-p-w0-ip', 'waa-p-w2-nic', 'waa-vnet', 'waa-nsg']);
    expect(seen).toMatchObject({ workers: ['w0', 'w2', 'w10'], intent: 'creating', region: 'westus2' });
  });

  it('counts a worker whose schedule alone was left', () => {
    expect(rebuild([vm('waa-p-w0')], ['shutdown-computevm-waa-p-w1']).workers).toEqual(['w0', 'w1']);
  });

  it('has one worker where nothing was made yet', () => {
    expect(rebuild([], ['waa-vnet'])).toMatchObject({ workers: ['w0'], intent: 'creating', region: 'eastus' });
  });

  it('knows of its VMs, and of nothing else, whether they are spot', () => {
    expect(rebuild([vm('waa-p-w0')], []).spot).toBe(false);
    expect(rebuild([], ['waa-vnet']).spot).toBeUndefined();
  });

  it('leaves out what is named after another deployment', () => {
    const seen = rebuild([vm('waa-p-w0'), vm('waa-q-w1')], ['waa-p-q-w2-ip', 'waa-p-w3x', 'w4', 'waa-p-w0-os']);
    expect(seen).toMatchObject({ workers: ['w0'], intent: 'ready' });
  });

  it.each([
    ['ready', ['running', 'deallocated']],
    ['paused', ['deallocated', 'deallocated']],
  ] as const)('is %s where its VMs are %s', (intent, [first, second]) => {
    expect(rebuild([vm('waa-p-w0', first), vm('waa-p-w1', second)], []).intent).toBe(intent);
  });
});
