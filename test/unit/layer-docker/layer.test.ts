import { describe, expect, it } from 'vitest';
import { fail } from '../../../src/failures/waa-error.js';
import { createBench, DIGEST, GIB, IMAGE } from './bench.js';

const PINNED = `${IMAGE}@${DIGEST}`;
const OTHER = `sha256:${'2'.repeat(64)}`;
const FALLBACK = 'waalab.azurecr.io/waa-auto:2026.11';
const local = (digest = DIGEST) => ({ id: 'sha256:image', digests: [`windowsarena/waa-auto@${digest}`] });

describe('docker layer: check', () => {
  it('is ready with the image under its digest and hands it up', async () => {
    const { worker, check } = createBench({ digest: DIGEST });
    worker.images.set(PINNED, local());
    expect(await check()).toMatchObject({
      state: 'ready',
      output: { image: PINNED, imageId: 'sha256:image', dataDirectory: '/data' },
    });
  });

  it('pins an image that was only named by tag to the digest it has here', async () => {
    const { worker, check } = createBench();
    worker.images.set(IMAGE, local(OTHER));
    expect(await check()).toMatchObject({ state: 'ready', output: { image: `${IMAGE}@${OTHER}` } });
  });

  it('takes an image that was built on the worker as it is', async () => {
    const { worker, check } = createBench();
    worker.images.set(IMAGE, { id: 'sha256:built', digests: [] });
    expect(await check()).toMatchObject({ state: 'ready', output: { image: IMAGE, imageId: 'sha256:built' } });
  });

  it('is ready with the copy of the other registry', async () => {
    const { worker, check } = createBench({ digest: DIGEST, fallback: FALLBACK });
    worker.images.set(`${FALLBACK}@${DIGEST}`, {
      id: 'sha256:image',
      digests: [`waalab.azurecr.io/waa-auto@${DIGEST}`],
    });
    expect(await check()).toMatchObject({ state: 'ready', output: { image: `${FALLBACK}@${DIGEST}` } });
  });

  it('is absent without Docker, and without the image', async () => {
    const { worker, check } = createBench();
    expect((await check()).state).toBe('absent');
    worker.installed = false;
    expect(await check()).toEqual({ state: 'absent', detail: 'Docker is not installed' });
  });

  it.each(['/var/lib/docker', '/mnt/docker', '/database/docker'])(
    'has drifted with its data in %s',
    async (dataRoot) => {
      const { worker, check } = createBench();
      Object.assign(worker, { dataRoot });
      expect(await check()).toMatchObject({ state: 'drifted', differences: [expect.stringContaining(dataRoot)] });
    },
  );

  it('has drifted when the tag is another version', async () => {
    const { worker, check } = createBench({ digest: DIGEST });
    worker.images.set(IMAGE, local(OTHER));
    expect(await check()).toMatchObject({ state: 'drifted', differences: [expect.stringContaining(OTHER)] });
  });

  it('has drifted without room for Windows, but not once Windows is there', async () => {
    const { worker, check } = createBench();
    worker.images.set(IMAGE, local());
    worker.freeBytes = 5 * GIB;
    expect(await check()).toMatchObject({ state: 'drifted', differences: ['5 GB free on /data, need 20 GB'] });
    worker.hasWindows = true;
    expect((await check()).state).toBe('ready');
  });

  it('tells a daemon that is down from one that we may not talk to', async () => {
    const { worker, check } = createBench();
    worker.daemon = 'down';
    expect(await check()).toMatchObject({ state: 'unhealthy', fault: { code: 'DOCKER_DAEMON_DOWN' } });
    worker.daemon = 'forbidden';
    expect(await check()).toMatchObject({ state: 'unhealthy', fault: { code: 'DOCKER_SOCKET_PERMISSION' } });
  });

  it('does not take a daemon that stops while it looks for a matter of rights', async () => {
    const { worker, engine, check } = createBench();
    const { info } = engine;
    engine.info = (deadline) => {
      worker.daemon = 'down';
      return info(deadline);
    };
    expect(await check()).toMatchObject({ state: 'unhealthy', fault: { code: 'DOCKER_DAEMON_DOWN' } });
  });

  it.each([
    [0, 'in-progress'],
    [179, 'in-progress'],
    [180, 'unhealthy'],
  ])('after %d s of a start by systemd the daemon is %s', async (startingS, state) => {
    const { worker, check } = createBench();
    Object.assign(worker, { daemon: 'down', startingS });
    const status = await check();
    expect(status.state).toBe(state);
    if (status.state === 'unhealthy') expect(status.fault.code).toBe('DOCKER_DAEMON_DOWN');
  });

  it('takes a daemon that answers for one that is up, whatever systemd still waits for', async () => {
    const { worker, check } = createBench();
    worker.images.set(IMAGE, local());
    worker.startingS = 200;
    expect((await check()).state).toBe('ready');
  });

  it('sees a start that begins while it looks', async () => {
    const { worker, engine, check } = createBench();
    const { info } = engine;
    engine.info = (deadline) => {
      Object.assign(worker, { daemon: 'down', startingS: 0 });
      return info(deadline);
    };
    expect(await check()).toMatchObject({ state: 'in-progress', progress: { phase: 'the Docker daemon is starting' } });
  });

  it('goes on with a daemon that comes up while it looks', async () => {
    const { worker, engine, check } = createBench();
    worker.images.set(IMAGE, local());
    worker.daemon = 'down';
    const { info } = engine;
    engine.info = (deadline) => {
      const answer = info(deadline);
      worker.daemon = 'up';
      return answer;
    };
    expect((await check()).state).toBe('ready');
  });
});

describe('docker layer: provision', () => {
  it('does nothing when all is so already', async () => {
    const { worker, provision } = createBench();
    worker.images.set(IMAGE, local());
    await provision();
    expect(worker.calls).toEqual([]);
  });

  it('waits for a daemon that systemd is starting, and does not start it once more', async () => {
    const { worker, provision, clock } = createBench();
    worker.images.set(IMAGE, local());
    Object.assign(worker, { daemon: 'down', startingS: 1 });
    void clock.sleep(20_000).then(() => Object.assign(worker, { daemon: 'up', startingS: undefined }));
    await provision();
    expect(worker.calls).toEqual([]);
  });

  it('starts a daemon whose start by systemd fails', async () => {
    const { worker, provision, clock } = createBench();
    worker.images.set(IMAGE, local());
    Object.assign(worker, { daemon: 'down', startingS: 1 });
    void clock.sleep(4_000).then(() => (worker.startingS = undefined));
    await provision();
    expect(worker.calls).toEqual(['start']);
  });

  it.each([
    ['one that hangs', [0, 90, 185], 170],
    ['one after the other', [1, 1, 1], 180],
  ])('waits three minutes at the most for starts: %s', async (_name, [first, later, last], seconds) => {
    const { worker, provision, clock } = createBench();
    Object.assign(worker, { daemon: 'down', startingS: first });
    void clock.sleep(90_000).then(() => (worker.startingS = later));
    void clock.sleep(170_000).then(() => (worker.startingS = last));
    const began = clock.now();
    await expect(provision()).rejects.toMatchObject({ code: 'DOCKER_DAEMON_DOWN' });
    expect(clock.now() - began).toBeLessThanOrEqual(seconds * 1000);
    expect(worker.calls).toEqual([]);
  });

  it('installs on the data disk, logs in again for the group, pulls', async () => {
    const { worker, provision, check } = createBench({ digest: DIGEST });
    Object.assign(worker, { installed: false, daemon: 'down' });
    await provision();
    expect(worker.calls).toEqual(['install /data/docker', 'log in again', `pull ${PINNED}`]);
    expect((await check()).state).toBe('ready');
  });

  it('has Windows downloaded beside the image, not where it is installed, and goes on when that cannot begin', async () => {
    const { worker, provision } = createBench();
    await provision();
    expect(worker.media).toEqual(['start /data/waa/storage/win11x64-enterprise-eval.iso after nothing']);
    const installed = createBench();
    installed.worker.images.set(IMAGE, local());
    await installed.provision();
    expect(installed.worker.media).toEqual([]);
    const toolless = createBench();
    toolless.worker.mediaFault = 'no-tool';
    await toolless.provision();
    expect(toolless.worker.calls).toEqual([`pull ${IMAGE}`]);
    expect(toolless.bus.events).toContainEqual(expect.objectContaining({ type: 'log', level: 'warn' }));
  });

  it('moves a data-root that is on the wrong disk', async () => {
    const { worker, provision } = createBench();
    worker.dataRoot = '/var/lib/docker';
    await provision();
    expect(worker.calls).toEqual(['install /data/docker', 'log in again', `pull ${IMAGE}`]);
  });

  it('starts a daemon that is down and goes on', async () => {
    const { worker, provision } = createBench();
    worker.daemon = 'down';
    await provision();
    expect(worker.calls).toEqual(['start', `pull ${IMAGE}`]);
  });

  it('gives up on a daemon that does not start, after the five tries of the policy', async () => {
    const { worker, provision } = createBench();
    Object.assign(worker, { daemon: 'down', startable: false });
    await expect(provision()).rejects.toMatchObject({ code: 'DOCKER_DAEMON_DOWN' });
    expect(worker.calls).toEqual(['start', 'start', 'start', 'start']);
  });

  it('names an installation that failed as a fault of Docker', async () => {
    const { worker, provision } = createBench();
    Object.assign(worker, { installed: false, startable: false });
    await expect(provision()).rejects.toMatchObject({
      code: 'DOCKER_INSTALL_FAILED',
      params: { reason: 'apt-failed' },
    });
  });

  it('cleans before it pulls when there is no room', async () => {
    const { worker, provision } = createBench();
    Object.assign(worker, { freeBytes: 30 * GIB, dirtBytes: 25 * GIB });
    await provision();
    expect(worker.calls).toEqual(['prune', `pull ${IMAGE}`]);
  });

  it('stops with the numbers when cleaning does not help, and pulls nothing', async () => {
    const { worker, provision } = createBench();
    Object.assign(worker, { freeBytes: 4 * GIB, dirtBytes: 1 * GIB });
    await expect(provision()).rejects.toMatchObject({
      code: 'DOCKER_DISK_SHORT',
      message: 'Insufficient disk space: 5 GB free on /data, need 50 GB (after cleaning 1 GB)',
    });
    expect(worker.calls).toEqual(['prune', 'clean']);
  });

  it('reports percent and time left', async () => {
    const { worker, provision, reports, clock } = createBench();
    worker.pulls.set(IMAGE, async (report) => {
      await clock.sleep(60_000);
      report({ doneBytes: 25, totalBytes: 100, layersDone: 1, layersTotal: 4, text: 'Downloading, 1 of 4 layers' });
      report({ doneBytes: 25, totalBytes: 250, layersDone: 1, layersTotal: 4, text: 'a larger one, 1 of 4 layers' });
    });
    await provision();
    expect(reports).toContainEqual({ phase: 'pulling the image, 1 of 4 layers', percent: 25, etaMs: 180_000 });
    expect(reports).toContainEqual({ phase: 'pulling the image, 1 of 4 layers', percent: 25, etaMs: 540_000 });
  });

  it('waits as long as the registry asks and tries again', async () => {
    const { worker, provision, bus } = createBench();
    let tries = 0;
    worker.pulls.set(IMAGE, async () => {
      tries += 1;
      if (tries === 1) throw fail('DOCKER_PULL_RATE_LIMITED', { image: IMAGE, retryAfterMs: 90_000 });
    });
    await provision();
    const waited = bus.events.find((event) => event.type === 'retry.waiting');
    expect(waited?.data).toMatchObject({ policy: 'imagePull', waitMs: 90_000, reason: 'DOCKER_PULL_RATE_LIMITED' });
  });

  it('goes to the other registry at once when the first refuses', async () => {
    const { worker, provision, bus, check } = createBench({ digest: DIGEST, fallback: FALLBACK });
    worker.pulls.set(PINNED, () =>
      Promise.reject(fail('DOCKER_PULL_RATE_LIMITED', { image: IMAGE, retryAfterMs: 60_000 })),
    );
    await provision();
    expect(worker.calls).toEqual([`pull ${PINNED}`, `pull ${FALLBACK}@${DIGEST}`]);
    expect(bus.types()).not.toContain('retry.waiting');
    expect((await check()).state).toBe('ready');
  });

  it('does not try another registry against a full disk', async () => {
    const { worker, provision } = createBench({ fallback: FALLBACK });
    worker.pulls.set(IMAGE, () => Promise.reject(fail('DOCKER_DISK_FULL', { detail: 'no space left on device' })));
    await expect(provision()).rejects.toMatchObject({ code: 'DOCKER_DISK_FULL' });
    expect(worker.calls).toEqual([`pull ${IMAGE}`]);
  });

  it('does not repeat what can never work', async () => {
    const { worker, provision } = createBench();
    worker.pulls.set(IMAGE, () => Promise.reject(fail('DOCKER_IMAGE_NOT_FOUND', { image: IMAGE })));
    await expect(provision()).rejects.toMatchObject({ code: 'DOCKER_IMAGE_NOT_FOUND' });
    expect(worker.calls).toHaveLength(1);
  });

  it('ends a pull that stands still, says what it last saw, and tries again', async () => {
    const { worker, provision, clock, bus } = createBench();
    let tries = 0;
    worker.pulls.set(IMAGE, async (report, deadline) => {
      tries += 1;
      report({ doneBytes: 1, totalBytes: 100, layersDone: 0, layersTotal: 4, text: 'Downloading, 0 of 4 layers' });
      if (tries === 1) await clock.sleep(3_600_000, deadline.signal);
    });
    await provision();
    expect(tries).toBe(2);
    const waiting = bus.events.find((event) => event.type === 'retry.waiting');
    expect(waiting?.text).toContain('made no progress for 180 s; last: Downloading, 0 of 4 layers');
  });

  it('lets a slow pull go on as long as it moves', async () => {
    const { worker, provision, clock } = createBench();
    worker.pulls.set(IMAGE, async (report) => {
      for (let done = 1; done <= 5; done += 1) {
        await clock.sleep(170_000);
        report({
          doneBytes: done,
          totalBytes: 5,
          layersDone: done,
          layersTotal: 5,
          text: `Extracting, ${done} of 5 layers`,
        });
      }
    });
    await provision();
    expect(worker.calls).toEqual([`pull ${IMAGE}`]);
  });
});

describe('docker layer: recover', () => {
  it('climbs from start over clean to repair and gives up', async () => {
    const { worker, recover } = createBench();
    worker.daemon = 'down';
    const fault = fail('DOCKER_DAEMON_DOWN', { detail: 'refused' });
    expect(await recover(fault)).toEqual({ outcome: 'acted', action: 'started the Docker daemon' });
    await recover(fault, 1);
    await recover(fault, 2);
    expect(worker.calls).toEqual(['start', 'clean', 'start', 'install /data/docker', 'log in again']);
    expect(await recover(fault, 3)).toMatchObject({ outcome: 'give-up' });
  });

  it('makes room after a full disk, once', async () => {
    const { worker, recover } = createBench();
    worker.dirtBytes = 25 * GIB;
    const fault = fail('DOCKER_DISK_FULL', { detail: 'no space left on device' });
    expect(await recover(fault)).toEqual({ outcome: 'acted', action: 'freed 25.0 GB' });
    expect(await recover(fault, 1)).toMatchObject({ outcome: 'give-up' });
  });

  it('renews the login when the socket refuses us', async () => {
    const { worker, recover, check } = createBench();
    worker.daemon = 'forbidden';
    await recover(fail('DOCKER_SOCKET_PERMISSION', { detail: '' }));
    expect(worker.calls).toEqual(['install /data/docker', 'log in again']);
    expect((await check()).state).toBe('absent');
  });

  it('leaves faults of other layers alone', async () => {
    const { worker, recover } = createBench();
    expect(await recover(fail('BUG', { what: 'x' }))).toEqual({ outcome: 'nothing-to-do' });
    expect(worker.calls).toEqual([]);
  });
});

describe('docker layer: evidence', () => {
  it("brings the host's logs", async () => {
    const { layer, context, input } = createBench();
    expect(await layer.evidence?.(context(), input)).toEqual([{ title: 'docker', text: 'level=error msg="..."' }]);
  });
});
