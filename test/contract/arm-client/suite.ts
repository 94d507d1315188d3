import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deadline } from '../../../src/health/deadline.js';
import { waitFor } from '../../../src/health/wait-for.js';
import { vmSpec, type ArmTarget } from './target.js';

/** What an ARM client promises, whatever answers it. Steps build on one another: one VM costs minutes on the real thing. */
export function armClientSuite(name: string, setUp: () => Promise<ArmTarget>): void {
  describe(`ARM client on ${name}`, { concurrent: false, shuffle: false }, () => {
    let target: ArmTarget;
    let deadline: Deadline;
    let created = '';
    const tags = { 'waa-deployment': 'contract', 'waa-owner': 'suite' };
    const vmName = 'waa-contract-w0';
    const within = (minutes: number): Deadline => Deadline.after(minutes * 60_000, target.clock);

    beforeAll(async () => {
      target = await setUp();
      deadline = within(120);
    });
    afterAll(async () => {
      deadline[Symbol.dispose]();
      await target.close();
    });

    it('knows the subscription of the login', async () => {
      expect((await target.arm.subscription(deadline)).id).toMatch(/^[0-9a-f-]{36}$/);
    });

    it('reads its clock off an answer', async () => {
      const { aheadMs, uncertainMs } = await target.arm.clockOffset(deadline);
      expect(Math.abs(aheadMs)).toBeLessThan(uncertainMs + 60_000);
    });

    it('tells registration, permissions, usages and sizes in our terms', async () => {
      const { arm, region, vmSize } = target;
      const [state, granted, compute, network, skus] = await Promise.all([
        arm.providerState('Microsoft.Compute', deadline),
        arm.permissions(deadline),
        arm.computeUsages(region, deadline),
        arm.networkUsages(region, deadline),
        arm.vmSkus(region, deadline),
      ]);
      expect(state).toBe('Registered');
      expect(granted.flatMap((entry) => entry.actions).length).toBeGreaterThan(0);
      expect(compute.find((usage) => usage.name === 'cores')?.limit).toBeGreaterThan(0);
      expect(
        network.some((usage) => usage.name === 'PublicIPAddresses' || usage.name === 'StandardSkuPublicIpAddresses'),
      ).toBe(true);
      expect(skus.find((sku) => sku.name === vmSize)).toMatchObject({ vCpus: 8, memoryGb: 32, restrictions: [] });
    });

    it('answers undefined and empty for what does not exist', async () => {
      const { arm, group } = target;
      expect(await arm.getResourceGroup(group, deadline)).toBeUndefined();
      expect(await arm.getNetwork(group, deadline)).toBeUndefined();
      expect(await arm.getVm(group, vmName, deadline)).toBeUndefined();
      expect(await arm.listVms(group, deadline)).toEqual([]);
      expect(await arm.listResources(group, deadline)).toEqual([]);
      expect(await arm.getShutdownSchedule(group, vmName, deadline)).toBeUndefined();
      await (await arm.deleteResourceGroup(group, deadline)).wait(deadline);
    });

    it('makes a group and finds it by its tag', async () => {
      const { arm, group, region } = target;
      await arm.putResourceGroup(group, region, tags, deadline);
      expect(await arm.getResourceGroup(group, deadline)).toMatchObject({
        name: group,
        region,
        tags,
        provisioningState: 'Succeeded',
      });
      expect((await arm.listResourceGroups('waa-deployment', deadline)).map((one) => one.name)).toContain(group);
      expect(await arm.listResourceGroups('waa-no-such-tag', deadline)).toEqual([]);
    });

    it('makes the network with 22 open for one source, and corrects it when the source changes', async () => {
      const { arm, group, region } = target;
      const spec = { resourceGroup: group, region, tags, callerCidr: '203.0.113.7/32' };
      const made = await arm.putNetwork(spec, deadline);
      expect(made).toMatchObject({ sshSources: ['203.0.113.7/32'], otherInbound: [] });
      const again = await arm.putNetwork({ ...spec, callerCidr: '198.51.100.9/32' }, deadline);
      expect(again).toEqual({ ...made, sshSources: ['198.51.100.9/32'] });
      expect(await arm.getNetwork(group, deadline)).toEqual(again);
    });

    it('creates a VM through a token that another process can await', async () => {
      const { arm, group } = target;
      const network = await arm.getNetwork(group, deadline);
      if (!network) throw new Error('no network');
      const operation = await arm.beginCreateVm(vmSpec(target, network), deadline);
      expect(JSON.parse(operation.token)).toBeTypeOf('object');
      const continued = await target.another().resumeOperation(operation.token, deadline);
      await continued.wait(within(15));
      created = operation.token;
      expect(await arm.getVm(group, vmName, deadline)).toMatchObject({
        name: vmName,
        size: target.vmSize,
        securityType: 'Standard',
        provisioningState: 'Succeeded',
        power: 'running',
        deletesWithVm: true,
        publicIp: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/) as string,
        spot: false,
        tags: { 'waa-deployment': 'contract' },
      });
    });

    it('can await an operation again that has ended', async () => {
      await (await target.another().resumeOperation(created, deadline)).wait(within(2));
      const states = target.events.flatMap((event) => (event.type === 'arm.operation' ? [event.data.state] : []));
      expect(states).toEqual(expect.arrayContaining(['started', 'resumed', 'succeeded']));
      expect(states).not.toContain('failed');
    });

    it('creates the same VM again without making anything twice', async () => {
      const { arm, group } = target;
      const before = await arm.listResources(group, deadline);
      const network = await arm.getNetwork(group, deadline);
      if (!network) throw new Error('no network');
      const operation = await arm.beginCreateVm(vmSpec(target, network), deadline);
      await operation.wait(within(15));
      expect((await arm.listResources(group, deadline)).map((row) => row.id).sort()).toEqual(
        before.map((row) => row.id).sort(),
      );
      expect(await arm.listVms(group, deadline)).toEqual([await arm.getVm(group, vmName, deadline)]);
    });

    it('sets the shutdown schedule and moves it', async () => {
      const { arm, group, region } = target;
      await arm.putShutdownSchedule(group, vmName, region, '0230', {}, deadline);
      await arm.putShutdownSchedule(group, vmName, region, '0445', {}, deadline);
      expect(await arm.getShutdownSchedule(group, vmName, deadline)).toBe('0445');
    });

    it('deallocates, starts and restarts, and the address stays', async () => {
      const { arm, group } = target;
      const address = (await arm.getVm(group, vmName, deadline))?.publicIp;
      await (await arm.beginDeallocateVm(group, vmName, deadline)).wait(within(10));
      expect(await arm.getVm(group, vmName, deadline)).toMatchObject({ power: 'deallocated', publicIp: address });
      await (await arm.beginStartVm(group, vmName, deadline)).wait(within(10));
      await (await arm.beginRestartVm(group, vmName, deadline)).wait(within(10));
      expect(await arm.getVm(group, vmName, deadline)).toMatchObject({ power: 'running', publicIp: address });
    });

    it('takes a snapshot of its data disk, once', async () => {
      const { arm, group, region, clock } = target;
      const diskId = (await arm.getVm(group, vmName, deadline))?.dataDiskId ?? '';
      const spec = { resourceGroup: group, name: 'waa-contract-copy', region, tags, diskId };
      expect(await arm.getSnapshot(group, spec.name, deadline)).toBeUndefined();
      await arm.putSnapshot(spec, deadline);
      const seen = await waitFor(
        async (own) => {
          const found = await arm.getSnapshot(group, spec.name, own);
          return found?.isComplete === true ? { ok: true, value: found } : { ok: false, saw: 'not complete' };
        },
        { what: 'the snapshot', clock, deadline, everyMs: 5000, attemptTimeoutMs: 30_000 },
      );
      expect(seen).toMatchObject({ name: spec.name, region, gb: 128, tags });
      await arm.putSnapshot(spec, deadline);
      expect(await arm.getSnapshot(group, spec.name, deadline)).toEqual(seen);
      expect(await arm.listStorage(['snapshots'], deadline)).toContainEqual({
        id: seen.id,
        kind: 'snapshots',
        gb: 128,
      });
      await expect(arm.putSnapshot({ ...spec, name: 'none', diskId: `${diskId}x` }, deadline)).rejects.toMatchObject({
        code: 'AZURE_NOT_FOUND',
      });
    });

    it('deletes a VM with its interface, address and disks, and a second time does nothing', async () => {
      const { arm, group } = target;
      await (await arm.beginDeleteVm(group, vmName, deadline)).wait(within(10));
      expect(await arm.getVm(group, vmName, deadline)).toBeUndefined();
      const left = (await arm.listResources(group, deadline)).map((row) => row.type.split('/')[1]?.toLowerCase());
      expect(left).not.toEqual(expect.arrayContaining(['disks']));
      expect(left).not.toEqual(expect.arrayContaining(['networkinterfaces']));
      expect(left).not.toEqual(expect.arrayContaining(['publicipaddresses']));
      await (await arm.beginDeleteVm(group, vmName, deadline)).wait(within(10));
    });

    it('makes a VM with a copy of the snapshot, and the snapshot may go', async () => {
      const { arm, group } = target;
      const network = await arm.getNetwork(group, deadline);
      const snapshot = await arm.getSnapshot(group, 'waa-contract-copy', deadline);
      if (!network || !snapshot) throw new Error('no network or no snapshot');
      const spec = vmSpec(target, network, { name: 'waa-contract-w1', dataSnapshotId: snapshot.id, dataDiskGb: 256 });
      await (await arm.beginCreateVm(spec, deadline)).wait(within(15));
      expect(await arm.getVm(group, spec.name, deadline)).toMatchObject({ power: 'running', deletesWithVm: true });
      const [row] = (await arm.listResources(group, deadline)).filter(({ id }) => id === snapshot.id);
      if (!row) throw new Error('the snapshot is not listed');
      await arm.deleteResource(row, deadline);
      await (await arm.beginDeleteVm(group, spec.name, deadline)).wait(within(10));
      expect(await arm.getSnapshot(group, snapshot.name, deadline)).toBeUndefined();
    });

    it('deletes the group with all that is in it', async () => {
      const { arm, group } = target;
      const operation = await arm.deleteResourceGroup(group, deadline);
      await (await target.another().resumeOperation(operation.token, deadline)).wait(within(15));
      expect(await arm.getResourceGroup(group, deadline)).toBeUndefined();
    });

    it('told the journal of every request it sent', () => {
      const requests = target.events.filter((event) => event.type === 'arm.request');
      expect(requests.length).toBeGreaterThan(30);
      expect(requests.every((event) => event.data.path.startsWith('/subscriptions'))).toBe(true);
    });
  });
}
