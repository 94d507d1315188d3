import { describe, expect, it } from 'vitest';
import { deleteDisk, putDisk } from '../../../src/lab/world/azure/disks.js';
import { putNic } from '../../../src/lab/world/azure/network-interfaces.js';
import { computeUsages } from '../../../src/lab/world/azure/quota.js';
import { findAt } from '../../../src/lab/world/azure/state.js';
import { deleteVm, putVm } from '../../../src/lab/world/azure/virtual-machines.js';
import { deallocateVm, generalizeVm, powerOffVm, startVm } from '../../../src/lab/world/azure/vm-power.js';
import {
  at,
  buildNetwork,
  buildVm,
  createTestWorld,
  group,
  location,
  vmBody,
  type TestWorld,
  codeOf,
} from './world.js';

const cores = (world: TestWorld): number | undefined =>
  computeUsages(world.azure, location).find((usage) => usage.name === 'cores')?.current;

describe('creating a VM', () => {
  it('gives power before it succeeds, and holds cores from the start', () => {
    const world = createTestWorld();
    const { nicId } = buildNetwork(world, { nicRules: [] });
    const { resource: vm, operation } = putVm(world.azure, at('w1'), vmBody(nicId), '2026-03-01');
    expect([vm.provisioningState, vm.power, cores(world)]).toEqual(['Creating', undefined, 8]);
    world.advance(19_000);
    expect([vm.provisioningState, world.machines.length]).toEqual(['Creating', 1]);
    world.advance(110_000);
    expect([vm.provisioningState, vm.power, operation?.status]).toEqual(['Succeeded', 'running', 'Succeeded']);
  });

  it('changes nothing when it is refused', () => {
    const world = createTestWorld({
      quotas: { cores: 4, lowPriorityCores: 0, families: {}, defaultFamily: 100, publicIps: 5 },
    });
    const { nicId } = buildNetwork(world, { nicRules: [] });
    const before = world.azure.resources.size;
    expect(codeOf(() => putVm(world.azure, at('w1'), vmBody(nicId), '2026-03-01'))).toBe('OperationNotAllowed');
    expect(world.azure.resources.size).toBe(before);
    expect(findAt(world.azure, 'Microsoft.Network/networkInterfaces', at('n'))?.attachedTo).toBeUndefined();
  });

  it('is stopped by a deletion, which pulls the plug', () => {
    const world = createTestWorld();
    const { nicId } = buildNetwork(world, { nicRules: [] });
    const { operation } = putVm(world.azure, at('w1'), vmBody(nicId), '2026-03-01');
    world.advance(20_000);
    const deletion = deleteVm(world.azure, at('w1'), true);
    expect([operation?.status, operation?.error?.code]).toEqual(['Canceled', 'OperationPreempted']);
    world.advance(100_000);
    expect([deletion?.status, world.machines[0]?.orders]).toEqual(['Succeeded', ['on', 'off hard']]);
    expect(deleteVm(world.azure, at('w1'), true)).toBeUndefined();
  });
});

describe('disks', () => {
  it('outlive their VM when they say Detach, and carry their files to the next one', () => {
    const world = createTestWorld();
    const { vm } = buildVm(world);
    const data = findAt(world.azure, 'Microsoft.Compute/disks', at('data'));
    data?.contents.files.set('/windows.img', { content: Buffer.from('w'), modeBits: 0o600, modifiedMs: 0 });
    deleteVm(world.azure, at('w1'), false);
    expect(codeOf(() => startVm(world.azure, vm))).toBe('OperationNotAllowed');
    world.advance(100_000);
    expect([data?.managedBy, findAt(world.azure, 'Microsoft.Compute/disks', at(vm.osDisk.name))]).toEqual([
      undefined,
      undefined,
    ]);

    const ip = {
      location,
      properties: { ipConfigurations: [{ name: 'c', properties: { subnet: { id: subnetId(world) } } }] },
    };
    const nic = putNic(world.azure, at('n2'), ip).resource;
    world.advance(10_000);
    const body = vmBody(nic.id);
    const storageProfile = {
      ...body.properties.storageProfile,
      dataDisks: [{ lun: 3, createOption: 'Attach' as const, managedDisk: { id: data?.id } }],
    };
    putVm(world.azure, at('w2'), { ...body, properties: { ...body.properties, storageProfile } }, '2026-03-01');
    world.advance(130_000);
    expect(world.machines.at(-1)?.spec.dataDisks).toMatchObject([{ lun: 3, disk: { id: data?.contents.id } }]);
    expect(data?.contents.files.has('/windows.img')).toBe(true);
  });

  const subnetId = (world: TestWorld): string =>
    `${findAt(world.azure, 'Microsoft.Network/virtualNetworks', at('vnet'))?.id ?? ''}/subnets/s`;

  it('attached to a running VM are in its machine after the next start', () => {
    const world = createTestWorld();
    const { vm } = buildVm(world);
    const body = vmBody(vm.nics[0]?.id ?? '');
    const dataDisks = [
      { lun: 0, name: 'data', createOption: 'Empty' as const, diskSizeGB: 128 },
      { lun: 1, name: 'more', createOption: 'Empty' as const, diskSizeGB: 16 },
    ];
    const osDisk = { createOption: 'FromImage' as const, name: vm.osDisk.name };
    const storageProfile = { ...body.properties.storageProfile, osDisk, dataDisks };
    putVm(world.azure, at('w1'), { ...body, properties: { ...body.properties, storageProfile } }, '2026-03-01');
    world.advance(5000);
    expect(world.machines).toHaveLength(1);
    deallocateVm(world.azure, vm, false);
    world.advance(100_000);
    startVm(world.azure, vm);
    world.advance(100_000);
    expect(world.machines.at(-1)?.spec.dataDisks.map(({ lun }) => lun)).toEqual([0, 1]);
    expect(world.machines.at(-1)?.spec.osDisk).toBe(world.machines[0]?.spec.osDisk);
  });

  it('can be made empty and deleted, but not copied', () => {
    const world = createTestWorld();
    buildNetwork(world, {});
    const empty = { location, properties: { creationData: { createOption: 'Empty' }, diskSizeGB: 64 } };
    putDisk(world.azure, at('d'), empty);
    expect(
      codeOf(() => putDisk(world.azure, at('e'), { location, properties: { creationData: { createOption: 'Copy' } } })),
    ).toBe('InvalidParameter');
    world.advance(5000);
    deleteDisk(world.azure, at('d'));
    world.advance(5000);
    expect(findAt(world.azure, 'Microsoft.Compute/disks', at('d'))).toBeUndefined();
  });
});

describe('power', () => {
  it('follows the guest only when no operation runs', () => {
    const world = createTestWorld();
    const { vm } = buildVm(world);
    deallocateVm(world.azure, vm, false);
    world.machines[0]?.guestPoweroff();
    expect(vm.power).toBe('deallocating');
    world.advance(100_000);
    expect([vm.power, cores(world)]).toEqual(['deallocated', 0]);
  });

  it('is cut off by force, and given back gracefully without', () => {
    const world = createTestWorld();
    const { vm } = buildVm(world);
    powerOffVm(world.azure, vm, true);
    world.advance(10_000);
    startVm(world.azure, vm);
    world.advance(100_000);
    deallocateVm(world.azure, vm, false);
    world.advance(100_000);
    expect(world.machines[0]?.orders).toEqual(['on', 'off hard', 'on', 'off graceful']);
  });

  it('is not given again to a generalized VM', () => {
    const world = createTestWorld();
    const { vm } = buildVm(world);
    expect(
      codeOf(() => {
        generalizeVm(vm);
      }),
    ).toBe('OperationNotAllowed');
    deallocateVm(world.azure, vm, false);
    world.advance(100_000);
    generalizeVm(vm);
    expect(codeOf(() => startVm(world.azure, vm))).toBe('OperationNotAllowed');
  });

  it('is refused at start when the quota is used up meanwhile', () => {
    const world = createTestWorld({
      quotas: { cores: 8, lowPriorityCores: 0, families: {}, defaultFamily: 8, publicIps: 5 },
    });
    const { vm } = buildVm(world);
    deallocateVm(world.azure, vm, false);
    world.advance(100_000);
    const nic = putNic(world.azure, at('n2'), {
      location,
      properties: { ipConfigurations: [{ name: 'c', properties: { subnet: { id: vnetSubnet(world) } } }] },
    }).resource;
    world.advance(10_000);
    const body = vmBody(nic.id);
    putVm(
      world.azure,
      at('w2'),
      {
        ...body,
        properties: { ...body.properties, storageProfile: { ...body.properties.storageProfile, dataDisks: [] } },
      },
      '2026-03-01',
    );
    expect(codeOf(() => startVm(world.azure, vm))).toBe('OperationNotAllowed');
  });

  const vnetSubnet = (world: TestWorld): string =>
    `/subscriptions/${world.azure.subscriptionId}/resourceGroups/${group}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/s`;
});

describe('a subnet', () => {
  it('begins at .4 and is full after three addresses of a /29', () => {
    const world = createTestWorld();
    buildNetwork(world, {});
    const nic = (name: string) =>
      putNic(world.azure, at(name), {
        location,
        properties: { ipConfigurations: [{ name: 'c', properties: { subnet: { id: subnet } } }] },
      }).resource.ipConfigurations[0]?.privateAddress;
    const subnet = `${findAt(world.azure, 'Microsoft.Network/virtualNetworks', at('vnet'))?.id ?? ''}/subnets/s`;
    expect(
      findAt(world.azure, 'Microsoft.Network/networkInterfaces', at('n'))?.ipConfigurations[0]?.privateAddress,
    ).toBe('10.0.0.4');
    expect([nic('b'), nic('c')]).toEqual(['10.0.0.5', '10.0.0.6']);
    expect(codeOf(() => nic('d'))).toBe('SubnetIsFull');
  });
});
