import { expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { imageGroupName, imageTags, type ImageManifest } from '../../../src/deployment/golden-image.js';
import { Deadline } from '../../../src/health/deadline.js';
import { createImage, type ImageRequest } from '../../../src/operations/create-image.js';
import { mayDeleteImage } from '../../../src/operations/delete-image.js';
import type { OpenDeployment } from '../../../src/operations/open-deployment.js';
import type { Session } from '../../../src/session.js';
import { statePaths } from '../../../src/state/paths.js';
import { deploymentRecord } from '../../helpers/deployment-record.js';
import { createFakeArm } from '../../helpers/fake-arm-client.js';

const manifest: ImageManifest = {
  name: 'win11',
  owner: 'ada',
  createdAt: '2026-11-22T00:00:00Z',
  source: 'fresh/w0',
  container: '',
  apps: [],
  windowsUntil: undefined,
};

it('an image is deleted and made anew by its owner only, who is named', async () => {
  const arm = createFakeArm();
  await arm.putResourceGroup(
    imageGroupName('win11'),
    'eastus',
    imageTags(manifest),
    Deadline.after(1, createManualClock()),
  );
  const session = {
    clients: { arm },
    owner: 'bob',
    paths: statePaths('/nowhere'),
    retry: <T>(_: string, work: (own: Deadline) => Promise<T>) => work(deadline),
  } as unknown as Session;
  using deadline = Deadline.after(60_000, createManualClock());
  const foreign = { code: 'OWN_IMAGE_NOT_YOURS', params: { image: 'win11', owner: 'ada' } };

  await expect(mayDeleteImage(session, 'win11', deadline)).rejects.toMatchObject(foreign);
  await expect(mayDeleteImage({ ...session, owner: 'ada' }, 'win11', deadline)).resolves.toBeUndefined();

  const open = { record: deploymentRecord() } as OpenDeployment;
  const request = { image: 'win11', refresh: true, force: false, worker: { name: 'w0' } } as ImageRequest;
  await expect(createImage(session, open, request, deadline)).rejects.toMatchObject(foreign);
  expect(arm.calls.filter((call) => /^(put|delete)/.test(call))).toHaveLength(1);
});
