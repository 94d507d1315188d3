import { describe, expect, it } from 'vitest';
import { deallocateVm } from '../../../src/lab/world/azure/vm-power.js';
import { buildNetwork, buildVm, caller, createTestWorld, rule } from './world.js';

describe('a public address', () => {
  it('leads to the machine of its VM', () => {
    const world = createTestWorld();
    const { address } = buildVm(world);
    expect(world.azure.resolvePublicAddress(address)?.machine).toBe(world.machines[0]);
    expect(world.azure.resolvePublicAddress('20.9.9.9')).toBeUndefined();
  });

  it('leads nowhere without a VM, or while the VM is deallocated', () => {
    const bare = createTestWorld();
    expect(bare.azure.resolvePublicAddress(buildNetwork(bare, { nicRules: [] }).address)).toBeUndefined();
    const world = createTestWorld();
    const { address, vm } = buildVm(world);
    deallocateVm(world.azure, vm, false);
    world.advance(100_000);
    expect(world.azure.resolvePublicAddress(address)).toBeUndefined();
  });

  const ssh = rule('ssh', 200, 'Allow', `${caller}/32`, '20-25');
  const cases: readonly (readonly [string, Parameters<typeof buildVm>[1], boolean])[] = [
    ['open: the NIC allows it', { nicRules: [ssh] }, true],
    ['open: the subnet allows it', { subnetRules: [ssh] }, true],
    ['closed: no group at all', {}, false],
    ['closed: no rule', { nicRules: [] }, false],
    ['closed: only one of two groups allows it', { nicRules: [ssh], subnetRules: [] }, false],
    [
      'open: both groups allow it',
      { nicRules: [ssh], subnetRules: [rule('any', 100, 'Allow', 'Internet', '*')] },
      true,
    ],
    ['closed: an earlier rule denies it', { nicRules: [ssh, rule('no', 100, 'Deny', '*', '22')] }, false],
    ['open: a later rule denies it', { nicRules: [ssh, rule('no', 300, 'Deny', '*', '22')] }, true],
    ['closed: another port', { nicRules: [rule('web', 100, 'Allow', '*', '443')] }, false],
    ['closed: from another address', { nicRules: [rule('ssh', 100, 'Allow', '198.51.100.0/24', '22')] }, false],
    ['closed: the virtual network only', { nicRules: [rule('ssh', 100, 'Allow', 'VirtualNetwork', '22')] }, false],
  ];
  it.each(cases)('port 22 is %s', (_, options, open) => {
    const world = createTestWorld();
    const { address } = buildVm(world, options);
    expect(world.azure.resolvePublicAddress(address)?.allowsInbound(22, caller)).toBe(open);
  });

  it('takes no source that is no IPv4 address', () => {
    const world = createTestWorld();
    const { address } = buildVm(world, { nicRules: [rule('any', 100, 'Allow', '*', '*')] });
    expect(world.azure.resolvePublicAddress(address)?.allowsInbound(22, '::1')).toBe(false);
  });
});
