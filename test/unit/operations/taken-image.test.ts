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

/** Bob's look at a subscription in which the group of an image of Ada's stands. */
async function setUp() {
  const arm = createFakeArm();
  const deadline = Deadline.after(60_000, createManualClock());
  const group = await arm.putResourceGroup(imageGroupName('win11'), 'eastus', imageTags(manifest), deadline);
  const bob = {
    clients: { arm },
    owner: 'bob',
    paths: statePaths('/nowhere'),
    retry: <T>(_: string, work: (own: Deadline) => Promise<T>) => work(deadline),
  } as unknown as Session;
  const open = { record: deploymentRecord() } as OpenDeployment;
  const request = { image: 'win11', refresh: true, force: false, worker: { name: 'w0' } } as ImageRequest;
  return {
    ...{ arm, bob, ada: { ...bob, owner: 'ada' }, group },
    mayDelete: (session: Session) => mayDeleteImage(session, 'win11', deadline),
    create: (session: Session) => createImage(session, open, request, deadline),
  };
}

it('an image is deleted and made anew by its owner only, who is named', async () => {
  const { arm, bob, ada, mayDelete, create } = await setUp();
  const foreign = { code: 'OWN_IMAGE_NOT_YOURS', params: { image: 'win11', owner: 'ada' } };
  await expect(mayDelete(bob)).rejects.toMatchObject(foreign);
  await expect(create(bob)).rejects.toMatchObject(foreign);
  await expect(mayDelete(ada)).resolves.toBeUndefined();
  expect(arm.calls.filter((call) => /^(put|delete)/.test(call))).toHaveLength(1);
});

it('an image that is being deleted is deleted to the end, and not made anew before', async () => {
  const { arm, ada, group, mayDelete, create } = await setUp();
  arm.groups.set(group.name, { ...group, provisioningState: 'Deleting' });
  await expect(mayDelete(ada)).resolves.toBeUndefined();
  await expect(create(ada)).rejects.toMatchObject({ code: 'AZURE_GROUP_BEING_DELETED' });
});
