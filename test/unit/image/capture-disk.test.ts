import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { Deadline } from '../../../src/health/deadline.js';
import { captureDisk } from '../../../src/operations/capture-disk.js';
import { retryPolicies } from '../../../src/retry/policies.js';
import { createRetrier } from '../../../src/retry/retry.js';
import type { Session } from '../../../src/session.js';
import { createFakeArm, vmOf } from '../../helpers/fake-arm-client.js';
import { createRecordingBus } from '../../helpers/recording-bus.js';

const worker = { worker: 'w0', vmName: 'waa-a-w0', resourceGroup: 'waa-a', region: 'eastus' };
const capture = { image: 'win11', snapshot: 'win11-1', tags: { 'waa-image': 'win11' } };

function setUp(power: 'running' | 'deallocated', more: { dataDiskId?: string } = { dataDiskId: '/disks/d' }) {
  const clock = createManualClock();
  const arm = createFakeArm();
  arm.machines.set('waa-a/waa-a-w0', vmOf('waa-a', 'waa-a-w0', power, more));
  const { emit } = createRecordingBus(clock);
  const retry = createRetrier({ clock, policies: retryPolicies, emit, random: () => 0 });
  const session = { clients: { arm }, clock, retry } as unknown as Session;
  return { arm, clock, run: () => captureDisk(session, worker, capture, Deadline.after(600_000, clock)) };
}

describe('capturing a disk', () => {
  it('takes a snapshot of it and tells its size', async () => {
    const { arm, run } = setUp('deallocated');
    expect(await run()).toMatchObject({ snapshot: 'win11-1', gb: 256 });
    expect(arm.snapshots.get('win11-1')).toMatchObject({ id: '/disks/d-copy', tags: capture.tags });
  });

  it.each([
    ['a VM that runs', 'running', undefined],
    ['a VM without a data disk', 'deallocated', {}],
  ] as const)('refuses %s', async (_what, power, more) => {
    const { arm, run } = setUp(power, more);
    await expect(run()).rejects.toMatchObject({ code: 'OWN_IMAGE_SOURCE_UNFIT' });
    expect(arm.snapshots.size).toBe(0);
  });

  it('ends with a snapshot that failed', async () => {
    const { arm, run } = setUp('deallocated');
    const put = arm.putSnapshot;
    arm.putSnapshot = async (spec, deadline) => {
      await put(spec, deadline);
      const made = arm.snapshots.get(spec.name);
      if (made) arm.snapshots.set(spec.name, { ...made, isComplete: false, provisioningState: 'Failed' });
    };
    await expect(run()).rejects.toMatchObject({
      code: 'OWN_IMAGE_SOURCE_UNFIT',
      params: { reason: 'snapshot win11-1 is Failed' },
    });
  });
});
