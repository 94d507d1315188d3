import type { VirtualMachine } from '@azure/arm-compute';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createNetwork,
  createNic,
  createWorker,
  done,
  group,
  location,
  quick,
  settled,
  startArmLab,
  vmBody,
  type ArmLab,
  type Network,
} from './lab.js';

let lab: ArmLab;
beforeEach(async () => {
  const quotas = {
    cores: 16,
    lowPriorityCores: 0,
    families: { standardDSv4Family: 4 },
    defaultFamily: 16,
    publicIps: 3,
  };
  lab = await startArmLab({ quotas });
});
afterEach(() => lab.close());

const begin = (name: string, body: VirtualMachine) =>
  lab.compute.virtualMachines.createOrUpdate(group, name, body, quick).submitted();

describe('a VM is refused', () => {
  let network: Network;
  let nicId: string;
  beforeEach(async () => {
    network = await createNetwork(lab);
    ({ nicId } = await createNic(lab, network, 'w1'));
  });
  const profile = () => vmBody(nicId).osProfile ?? {};
  const storage = () => vmBody(nicId).storageProfile ?? {};

  const cases: readonly (readonly [string, () => Partial<VirtualMachine>, number, string])[] = [
    ['with an unknown size', () => ({ hardwareProfile: { vmSize: 'Standard_D9' } }), 400, 'InvalidParameter'],
    ['without a size', () => ({ hardwareProfile: {} }), 400, 'InvalidParameter'],
    ['in a region that does not exist', () => ({ location: 'moon' }), 400, 'LocationNotAvailableForResourceType'],
    [
      'with an image that does not exist',
      () => ({
        storageProfile: {
          ...storage(),
          imageReference: { publisher: 'Canonical', offer: 'ubuntu-99', sku: 'server', version: 'latest' },
        },
      }),
      404,
      'PlatformImageNotFound',
    ],
    [
      'with an OS disk smaller than the image',
      () => ({
        storageProfile: { ...storage(), osDisk: { createOption: 'FromImage', diskSizeGB: 20 } },
      }),
      409,
      'ResizeDiskError',
    ],
    [
      'with two disks at one LUN',
      () => ({
        storageProfile: {
          ...storage(),
          dataDisks: [
            { lun: 0, createOption: 'Empty', diskSizeGB: 8 },
            { lun: 0, createOption: 'Empty', diskSizeGB: 8 },
          ],
        },
      }),
      400,
      'InvalidParameter',
    ],
    [
      'with a data disk that does not exist',
      () => ({
        storageProfile: {
          ...storage(),
          dataDisks: [{ lun: 0, createOption: 'Attach', managedDisk: { id: `${nicId}x` } }],
        },
      }),
      404,
      'NotFound',
    ],
    [
      'with a NIC that does not exist',
      () => ({ networkProfile: { networkInterfaces: [{ id: `${nicId}x` }] } }),
      404,
      'NotFound',
    ],
    ['without a NIC', () => ({ networkProfile: { networkInterfaces: [] } }), 400, 'InvalidParameter'],
    ['for the user admin', () => ({ osProfile: { ...profile(), adminUsername: 'admin' } }), 400, 'InvalidParameter'],
    [
      'without key and password',
      () => ({ osProfile: { computerName: 'w', adminUsername: 'azureuser' } }),
      400,
      'InvalidParameter',
    ],
    [
      'with a key it does not take',
      () => ({
        osProfile: { ...profile(), linuxConfiguration: { ssh: { publicKeys: [{ keyData: 'ssh-dss AAAA' }] } } },
      }),
      400,
      'InvalidParameter',
    ],
    [
      'with custom data that is not base64',
      () => ({ osProfile: { ...profile(), customData: '#cloud-config' } }),
      400,
      'InvalidParameter',
    ],
    [
      'with UEFI settings and Standard',
      () => ({
        securityProfile: { securityType: 'Standard', uefiSettings: { vTpmEnabled: true } },
      }),
      400,
      'BadRequest',
    ],
    [
      'with encryption at host, the feature not registered',
      () => ({
        securityProfile: { securityType: 'Standard', encryptionAtHost: true },
      }),
      400,
      'InvalidParameter',
    ],
    ['in a zone that does not exist', () => ({ zones: ['9'] }), 400, 'AvailabilityZoneNotSupported'],
    ['over the family quota', () => ({ hardwareProfile: { vmSize: 'Standard_D8s_v4' } }), 409, 'OperationNotAllowed'],
    ['over the spot quota', () => ({ priority: 'Spot' }), 409, 'OperationNotAllowed'],
    [
      'with an eviction policy but not spot',
      () => ({ evictionPolicy: 'Delete' }),
      400,
      'EvictionPolicyCanBeSetOnlyOnLowPriorityVirtualMachines',
    ],
    [
      'with accelerated networking on a size without',
      () => ({
        hardwareProfile: { vmSize: 'Standard_B8ms' },
      }),
      400,
      'VMSizeIsNotPermittedToEnableAcceleratedNetworking',
    ],
  ];
  it.each(cases)('%s', async (_, change, statusCode, code) => {
    await expect(begin('w1', vmBody(nicId, change()))).rejects.toMatchObject({ statusCode, code });
    expect(lab.azure.summary().virtualMachines).toEqual([]);
  });

  it('under a bad name', async () => {
    await expect(begin('w_1-', vmBody(nicId))).rejects.toMatchObject({ code: 'InvalidParameter' });
    await expect(begin('windows-vm', vmBody(nicId))).rejects.toMatchObject({ code: 'ReservedResourceName' });
  });

  it('in a group that does not exist', async () => {
    await expect(
      lab.compute.virtualMachines.createOrUpdate('nope', 'w1', vmBody(nicId)).submitted(),
    ).rejects.toMatchObject({ statusCode: 404, code: 'ResourceGroupNotFound' });
  });

  it('when another VM has its NIC', async () => {
    await done(lab, lab.compute.virtualMachines.createOrUpdate(group, 'w1', vmBody(nicId), quick));
    const { storageProfile: _, ...rest } = vmBody(nicId);
    const body = {
      ...rest,
      storageProfile: { ...storage(), osDisk: { createOption: 'FromImage' as const }, dataDisks: [] },
    };
    await expect(begin('w2', body)).rejects.toMatchObject({ statusCode: 409, code: 'NicInUse' });
  });

  it('when a disk of its name exists', async () => {
    await done(lab, lab.compute.virtualMachines.createOrUpdate(group, 'w1', vmBody(nicId), quick));
    const other = await createNic(lab, network, 'w2');
    await expect(begin('w2', vmBody(other.nicId))).rejects.toMatchObject({
      statusCode: 409,
      code: 'ConflictingUserInput',
    });
  });

  it('with If-None-Match when it exists', async () => {
    await done(lab, lab.compute.virtualMachines.createOrUpdate(group, 'w1', vmBody(nicId), quick));
    const again = lab.compute.virtualMachines.createOrUpdate(group, 'w1', vmBody(nicId), {
      ...quick,
      ifNoneMatch: '*',
    });
    await expect(again.submitted()).rejects.toMatchObject({ statusCode: 412, code: 'PreconditionFailed' });
  });
});

describe('a change of a VM is refused', () => {
  let nicId: string;
  beforeEach(async () => {
    ({ nicId } = await createWorker(lab));
  });

  it('when it touches what is fixed', async () => {
    const profile = vmBody(nicId).osProfile ?? {};
    const changes: readonly Partial<VirtualMachine>[] = [
      { osProfile: { ...profile, adminUsername: 'other', linuxConfiguration: { ssh: { publicKeys: [] } } } },
      { osProfile: { ...profile, customData: 'AAAA' } },
      { zones: ['1'] },
      { securityProfile: { securityType: 'TrustedLaunch' } },
    ];
    for (const change of changes) {
      await expect(begin('w1', vmBody(nicId, change))).rejects.toMatchObject({
        statusCode: 409,
        code: 'PropertyChangeNotAllowed',
      });
    }
  });

  it('when it resizes a VM that is not deallocated', async () => {
    const bigger = vmBody(nicId, { hardwareProfile: { vmSize: 'Standard_D16ds_v5' } });
    await expect(begin('w1', bigger)).rejects.toMatchObject({ statusCode: 409, code: 'OperationNotAllowed' });
    await done(lab, lab.compute.virtualMachines.deallocate(group, 'w1', quick));
    await done(lab, lab.compute.virtualMachines.createOrUpdate(group, 'w1', bigger, quick));
    await done(lab, lab.compute.virtualMachines.start(group, 'w1', quick));
    expect(lab.machines.at(-1)?.spec).toMatchObject({ cpuCores: 16, osDisk: lab.machines[0]?.spec.osDisk });
  });

  it('while another operation runs, unless it deallocates or deletes', async () => {
    const restart = lab.compute.virtualMachines.restart(group, 'w1', quick);
    await restart.submitted();
    await expect(lab.compute.virtualMachines.start(group, 'w1').submitted()).rejects.toMatchObject({
      code: 'OperationNotAllowed',
    });
    const deallocate = lab.compute.virtualMachines.deallocate(group, 'w1', quick);
    await deallocate.submitted();
    await expect(done(lab, restart)).rejects.toThrow('Operation was canceled');
    await done(lab, deallocate);
  });

  it('when it restarts a deallocated VM', async () => {
    await done(lab, lab.compute.virtualMachines.deallocate(group, 'w1', quick));
    await expect(lab.compute.virtualMachines.restart(group, 'w1').submitted()).rejects.toMatchObject({
      statusCode: 409,
      code: 'OperationNotAllowed',
    });
  });

  it('when it deletes what is in use', async () => {
    const attempts = [
      [() => lab.network.networkInterfaces.beginDelete(group, 'w1-nic'), 'NicInUse'],
      [() => lab.network.publicIPAddresses.beginDelete(group, 'w1-ip'), 'PublicIPAddressCannotBeDeleted'],
      [() => lab.network.networkSecurityGroups.beginDelete(group, 'nsg'), 'InUseNetworkSecurityGroupCannotBeDeleted'],
      [() => lab.network.virtualNetworks.beginDelete(group, 'vnet'), 'InUseSubnetCannotBeDeleted'],
      [() => lab.compute.disks.delete(group, 'w1-data').submitted(), 'OperationNotAllowed'],
    ] as const;
    for (const [attempt, code] of attempts) await expect(attempt()).rejects.toMatchObject({ code });
  });
});

describe('a network resource is refused', () => {
  const ip = (name: string) =>
    lab.network.publicIPAddresses.beginCreateOrUpdate(
      group,
      name,
      {
        location,
        sku: { name: 'Standard' },
        publicIPAllocationMethod: 'Static',
      },
      quick,
    );
  beforeEach(async () => {
    await lab.resources.resourceGroups.createOrUpdate(group, { location });
  });

  it.each([
    [
      'Basic',
      { location, sku: { name: 'Basic' }, publicIPAllocationMethod: 'Static' },
      'IPv4BasicSkuPublicIpCountLimitReached',
    ],
    [
      'dynamic',
      { location, sku: { name: 'Standard' }, publicIPAllocationMethod: 'Dynamic' },
      'StandardSkuPublicIPMustUseStaticAllocation',
    ],
  ] as const)('a %s address', async (_, body, code) => {
    await expect(lab.network.publicIPAddresses.beginCreateOrUpdate(group, 'ip', body)).rejects.toMatchObject({
      statusCode: 400,
      code,
    });
  });

  it('an address over the quota', async () => {
    for (const name of ['a', 'b', 'c']) await ip(name);
    await expect(ip('d')).rejects.toMatchObject({ statusCode: 400, code: 'PublicIPCountLimitReached' });
  });

  const rule = {
    name: 'r',
    priority: 100,
    direction: 'Inbound',
    access: 'Allow',
    protocol: 'Tcp',
    sourceAddressPrefix: '*',
    sourcePortRange: '*',
    destinationAddressPrefix: '*',
    destinationPortRange: '22',
  };
  it.each([
    [[{ ...rule, priority: 99 }], 'SecurityRuleInvalidPriority'],
    [[rule, { ...rule, name: 's' }], 'SecurityRuleConflict'],
    [[{ ...rule, sourceAddressPrefix: '1.2.3.4/33' }], 'SecurityRuleInvalidAddressPrefix'],
    [[{ ...rule, destinationPortRange: '70000' }], 'SecurityRuleInvalidPortRange'],
    [[{ ...rule, destinationPortRanges: ['80'] }], 'SecurityRuleParameterContainsUnsupportedValue'],
  ])('rules %#', async (securityRules, code) => {
    await expect(
      lab.network.networkSecurityGroups.beginCreateOrUpdate(group, 'nsg', { location, securityRules }),
    ).rejects.toMatchObject({ statusCode: 400, code });
  });

  it.each([
    ['10.0.0.1/16', '10.0.0.0/24', 'InvalidCIDRNotation'],
    ['10.0.0.0/16', '10.1.0.0/24', 'NetcfgSubnetRangeOutsideVnet'],
  ])('a network %s with subnet %s', async (space, subnet, code) => {
    const body = {
      location,
      addressSpace: { addressPrefixes: [space] },
      subnets: [{ name: 'default', addressPrefix: subnet }],
    };
    await expect(lab.network.virtualNetworks.beginCreateOrUpdate(group, 'vnet', body)).rejects.toMatchObject({
      statusCode: 400,
      code,
    });
  });

  it('a NIC whose references are missing, elsewhere or taken', async () => {
    const network = await createNetwork(lab);
    await createNic(lab, network, 'w1');
    const nic = (name: string, subnet: string, publicIp?: string) => {
      const publicIPAddress = publicIp === undefined ? {} : { publicIPAddress: { id: publicIp } };
      const ipConfigurations = [{ name: 'ip', subnet: { id: subnet }, ...publicIPAddress }];
      return lab.network.networkInterfaces.beginCreateOrUpdate(group, name, { location, ipConfigurations });
    };
    await expect(nic('n2', `${network.subnetId}x`)).rejects.toMatchObject({ code: 'InvalidResourceReference' });
    const taken = (await lab.network.publicIPAddresses.get(group, 'w1-ip')).id;
    await expect(nic('n2', network.subnetId, taken)).rejects.toMatchObject({ code: 'PublicIPAddressInUse' });
    await ip('fresh');
    const fresh = (await lab.network.publicIPAddresses.get(group, 'fresh')).id;
    await expect(nic('n2', network.subnetId, fresh)).rejects.toMatchObject({
      statusCode: 409,
      code: 'ReferencedResourceNotProvisioned',
    });
  });

  it('another write while one runs', async () => {
    const put = () =>
      lab.network.networkSecurityGroups.beginCreateOrUpdate(group, 'nsg', { location, securityRules: [rule] }, quick);
    const first = put();
    await first;
    await expect(put()).rejects.toMatchObject({ statusCode: 409, code: 'AnotherOperationInProgress' });
    await settled(lab, first);
  });
});
