import { describe, expect, it } from 'vitest';
import { fail, type WaaError } from '../../../src/failures/waa-error.js';
import { Deadline } from '../../../src/health/deadline.js';
import { setUp } from './vm-layer.js';

const snapshotId = '/subscriptions/s/resourceGroups/waa-image_office/providers/Microsoft.Compute/snapshots/office-1';
const missing = (): WaaError => fail('AZURE_NOT_FOUND', { what: snapshotId, azureCode: 'NotFound' });

/** A VM to be made from a golden image, which Azure refuses with what it says of a snapshot that is gone. */
function refusedVm() {
  const vm = setUp(undefined, { image: 'office', snapshotId, gb: 64 });
  vm.arm.failures.set('beginCreateVm', [missing()]);
  return vm;
}

describe('a VM that could not be made from a golden image', () => {
  it('names the image when that was deleted, and not the snapshot that Azure misses', async () => {
    const { provision } = refusedVm();
    await expect(provision()).rejects.toMatchObject({ code: 'OWN_IMAGE_UNKNOWN', params: { image: 'office' } });
  });

  it('fails as Azure says when the image is there', async () => {
    const { provision, arm } = refusedVm();
    const there = { id: snapshotId, name: 'office-1', region: 'eastus', tags: {}, gb: 64, isComplete: true };
    arm.snapshots.set('office-1', { ...there, provisioningState: 'Succeeded' });
    await expect(provision()).rejects.toMatchObject({ code: 'AZURE_NOT_FOUND', evidence: [] });
  });

  it('fails as Azure says when nobody can tell whether the image is there', async () => {
    const { provision, arm } = refusedVm();
    const refused = fail('AZURE_PERMISSION_DENIED', { action: 'read', scope: 'the group' });
    arm.failures.set('getSnapshot', [refused]);
    await expect(provision()).rejects.toMatchObject({
      code: 'AZURE_NOT_FOUND',
      evidence: [{ title: 'look at golden image office', text: refused.message }],
    });
  });

  it('stops at once when a person stops it while the image is looked for', async () => {
    const { layer, input, context, arm, clock } = refusedVm();
    const stop = new AbortController();
    const reason = new Error('Ctrl-C');
    arm.getSnapshot = () => {
      stop.abort(reason);
      return Promise.reject(reason);
    };
    using deadline = Deadline.after(600_000, clock, stop.signal);
    const work = layer.provision({ ...context(), deadline }, input, { state: 'absent' });
    await expect(clock.runUntil(work)).rejects.toBe(reason);
  });
});
