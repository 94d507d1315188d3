import { describe, expect, it } from 'vitest';
import { fail } from '../../../src/failures/waa-error.js';
import { createBench, GIB, IMAGE } from './bench.js';

const onOwnHost = (installDocker = false) => createBench({}, { installDocker });

describe("docker layer on a host of the user's own", () => {
  it('takes Docker with its data where it is', async () => {
    const { worker, check, provision } = onOwnHost();
    worker.dataRoot = '/var/lib/docker';
    await provision();
    expect(await check()).toMatchObject({ state: 'ready' });
    expect(worker.calls).toEqual([`pull ${IMAGE}`]);
  });

  it('cleans nothing when there is too little room', async () => {
    const { worker, provision } = onOwnHost();
    worker.freeBytes = 5 * GIB;
    worker.dirtBytes = 100 * GIB;
    await expect(provision()).rejects.toMatchObject({ code: 'DOCKER_DISK_SHORT' });
    expect(worker.calls).toEqual([]);
  });

  it('measures the image where Docker keeps its data, and Windows where its disk will be', async () => {
    const { worker, provision } = onOwnHost();
    worker.dataRoot = '/var/lib/docker';
    // 25 GB would not do for both; / has 40 GB for the image.
    worker.freeBytes = 25 * GIB;
    await provision();
    expect(worker.images.has(IMAGE)).toBe(true);
  });

  it('installs Docker only when that was allowed', async () => {
    const refused = onOwnHost();
    refused.worker.installed = false;
    await expect(refused.provision()).rejects.toMatchObject({ code: 'DOCKER_NOT_INSTALLED' });
    expect(refused.worker.calls).toEqual([]);
    const allowed = onOwnHost(true);
    allowed.worker.installed = false;
    await allowed.provision();
    expect(allowed.worker.calls).toContain('install /data/docker');
  });

  it('starts a daemon that is down, and repairs nothing else', async () => {
    const { worker, recover } = onOwnHost();
    worker.daemon = 'down';
    const down = fail('DOCKER_DAEMON_DOWN', { detail: 'refused' });
    expect(await recover(down)).toMatchObject({ outcome: 'acted', action: 'started the Docker daemon' });
    expect(await recover(down, 1)).toMatchObject({ outcome: 'give-up' });
    expect(await recover(fail('DOCKER_DISK_FULL', { detail: 'full' }))).toEqual({ outcome: 'nothing-to-do' });
    expect(worker.calls).toEqual(['start']);
  });
});
