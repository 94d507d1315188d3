import { describe, expect, it } from 'vitest';
import { faultTests } from '../helpers/fault-case.js';
import { startLabRig } from '../helpers/lab-session.js';

describe('faults of Azure and of the VM', () => {
  faultTests([
    { fault: { id: 'azure-sku-unavailable' }, code: 'AZURE_SIZE_UNAVAILABLE', layer: 'azure', ends: 'recovered' },
    { fault: { id: 'azure-quota-exceeded' }, code: 'AZURE_QUOTA_EXCEEDED', layer: 'azure', ends: 'recovered' },
    { fault: { id: 'azure-allocation-failed' }, code: 'AZURE_ALLOCATION_FAILED', layer: 'azure', ends: 'recovered' },
    // Slower: three minutes of refusal must still be there when a busy machine gets round to looking.
    { fault: { id: 'vm-ssh-refused' }, code: 'VM_SSH_REFUSED', layer: 'vm', ends: 'recovered', scale: 150 },
    { fault: { id: 'vm-ssh-dropped' }, code: 'VM_SSH_DROPPED', layer: 'vm', ends: 'recovered' },
    { fault: { id: 'vm-cloud-init-failed' }, code: 'VM_CLOUD_INIT_FAILED', layer: 'vm', ends: 'recovered' },
    { fault: { id: 'vm-kvm-missing' }, code: 'VM_KVM_UNUSABLE', layer: 'vm', ends: 'recovered' },
  ]);

  it('azure-quota-exceeded for every size stops with the quota named, and leaves no VM', async () => {
    const rig = await startLabRig();
    try {
      rig.lab.world.faults.arm({ id: 'azure-quota-exceeded', times: 50 });
      const result = await rig.up();
      expect(result.error).toMatchObject({ code: 'AZURE_QUOTA_EXCEEDED', layer: 'azure' });
      expect(
        rig.lab.summary().groups.flatMap((group) => group.resources.map((resource) => resource.type)),
      ).not.toContain('Microsoft.Compute/virtualMachines');
    } finally {
      await rig.close();
    }
  });

  it('azure-throttled is waited out as Retry-After says, and up goes on', async () => {
    const rig = await startLabRig();
    try {
      rig.lab.world.faults.arm({ id: 'azure-throttled', times: 4 });
      const result = await rig.up();
      expect(result.error).toBeUndefined();
      const waits = result.events.filter((event) => event.type === 'retry.waiting').map((event) => event.data);
      expect(waits.map((wait) => wait.reason)).toContain('AZURE_THROTTLED');
      for (const wait of waits.filter((data) => data.reason === 'AZURE_THROTTLED'))
        expect(wait.waitMs).toBeGreaterThanOrEqual(5000);
    } finally {
      await rig.close();
    }
  });
});
