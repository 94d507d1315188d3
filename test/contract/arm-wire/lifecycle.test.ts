import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorker, done, group, quick, settled, startArmLab, vmBody, type ArmLab } from './lab.js';

let lab: ArmLab;
beforeEach(async () => {
  lab = await startArmLab();
});
afterEach(() => lab.close());

async function codes(): Promise<readonly string[]> {
  const view = await lab.compute.virtualMachines.instanceView(group, 'w1');
  return (view.statuses ?? []).map((status) => status.code ?? '');
}

describe('a VM through the SDK', () => {
  it('is created and runs a machine with the right spec', async () => {
    const { address } = await createWorker(lab);
    const vm = await lab.compute.virtualMachines.get(group, 'w1', { expand: 'instanceView' });
    expect(vm).toMatchObject({
      provisioningState: 'Succeeded',
      hardwareProfile: { vmSize: 'Standard_D8ds_v5' },
      storageProfile: {
        imageReference: { version: 'latest', exactVersion: '24.04.202511060' },
        osDisk: { diskSizeGB: 64 },
      },
      securityProfile: { securityType: 'Standard' },
    });
    expect(vm.osProfile?.customData).toBeUndefined();
    expect(await codes()).toEqual(['ProvisioningState/succeeded', 'PowerState/running']);
    expect(lab.machines[0]?.spec).toMatchObject({
      name: 'w1',
      cpuCores: 8,
      memoryMb: 32_768,
      nestedVirtualization: true,
      securityType: 'Standard',
      adminUser: 'azureuser',
      customData: '#cloud-config\n',
      dataDisks: [{ lun: 0, disk: { sizeGb: 256, formatted: false } }],
    });
    expect(address).toMatch(/^20\./);
  });

  it('keeps the contents of its disks while deallocated, and gives its cores back', async () => {
    await createWorker(lab);
    lab.machines[0]?.writeFile('/etc/marker', 'x');
    await done(lab, lab.compute.virtualMachines.deallocate(group, 'w1', quick));
    expect(await codes()).toEqual(['ProvisioningState/succeeded', 'PowerState/deallocated']);
    expect(lab.machines[0]?.power).toBe('off');
    const cores = await usage('cores');
    expect(cores).toBe(0);
    const vm = await lab.compute.virtualMachines.get(group, 'w1');
    expect(vm.storageProfile?.osDisk?.diskSizeGB).toBeUndefined();
    expect((await lab.compute.disks.get(group, 'w1-data')).diskState).toBe('Reserved');

    await done(lab, lab.compute.virtualMachines.start(group, 'w1', quick));
    expect(await codes()).toEqual(['ProvisioningState/succeeded', 'PowerState/running']);
    expect(lab.machines.at(-1)?.readFile('/etc/marker')?.content.toString()).toBe('x');
    expect(await usage('cores')).toBe(8);
  });

  async function usage(name: string): Promise<number | undefined> {
    for await (const entry of lab.compute.usage.list('eastus'))
      if (entry.name.value === name) return entry.currentValue;
    return undefined;
  }

  it('keeps its cores when it is only powered off', async () => {
    await createWorker(lab);
    await done(lab, lab.compute.virtualMachines.powerOff(group, 'w1', quick));
    expect(await codes()).toContain('PowerState/stopped');
    expect(await usage('standardDDSv5Family')).toBe(8);
  });

  it('restarts with a new boot', async () => {
    await createWorker(lab);
    const before = lab.machines[0]?.bootId;
    await done(lab, lab.compute.virtualMachines.restart(group, 'w1', quick));
    expect(lab.machines[0]?.bootId).not.toBe(before);
    expect(await codes()).toContain('PowerState/running');
  });

  it('shows as stopped after a poweroff inside the guest', async () => {
    await createWorker(lab);
    lab.machines[0]?.guestPoweroff();
    expect(await codes()).toContain('PowerState/stopped');
  });

  it('takes NIC, address and disks with it when they say Delete', async () => {
    await createWorker(lab);
    await done(lab, lab.compute.virtualMachines.delete(group, 'w1', quick));
    const left = lab.azure.summary().groups[0]?.resources.map((resource) => resource.name);
    expect(left).toEqual(['nsg', 'vnet']);
  });

  it('leaves them, the NIC reserved for 180 s, when they say Detach', async () => {
    const { nicId } = await createWorker(lab);
    await done(
      lab,
      lab.compute.virtualMachines.createOrUpdate(
        group,
        'w1',
        {
          ...vmBody(nicId),
          networkProfile: { networkInterfaces: [{ id: nicId }] },
        },
        quick,
      ),
    );
    await done(lab, lab.compute.virtualMachines.delete(group, 'w1', quick));
    await expect(settled(lab, lab.network.networkInterfaces.beginDelete(group, 'w1-nic', quick))).rejects.toMatchObject(
      {
        code: 'NicReservedForAnotherVm',
        statusCode: 400,
      },
    );
    lab.advance(180_000);
    await settled(lab, lab.network.networkInterfaces.beginDelete(group, 'w1-nic', quick));
    expect(lab.azure.summary().groups[0]?.resources.map((resource) => resource.name)).toEqual(['nsg', 'vnet', 'w1-ip']);
  });

  it('is gone with its group, machine off, nothing listed', async () => {
    await createWorker(lab);
    const poller = await lab.resources.resourceGroups.beginDelete(group, quick);
    await expect(lab.resources.resourceGroups.createOrUpdate(group, { location: 'eastus' })).rejects.toMatchObject({
      code: 'ResourceGroupBeingDeleted',
      statusCode: 409,
    });
    lab.advance(300_000);
    await poller.pollUntilDone();
    expect((await lab.resources.resourceGroups.checkExistence(group)).body).toBe(false);
    const all: string[] = [];
    for await (const resource of lab.resources.resources.list()) all.push(resource.id ?? '');
    expect(all).toEqual([]);
    expect(lab.machines[0]?.power).toBe('off');
  });
});
