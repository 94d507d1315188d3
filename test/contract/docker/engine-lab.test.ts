import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { createDockerEngine } from '../../../src/clients/docker-engine/create-docker-engine.js';
import type { PullProgress } from '../../../src/clients/docker-engine/docker-engine.js';
import { Secret } from '../../../src/config/secret.js';
import { Deadline } from '../../../src/health/deadline.js';
import { freeBytes } from '../../../src/lab/world/contracts.js';
import { describeImage } from '../../../src/lab/world/docker/registry-world.js';
import { codeOf, dockerEngineSuite, noDaemon, openUnix } from './engine-suite.js';
import { startLabDaemon, type LabDaemon } from './lab-daemon.js';

dockerEngineSuite('lab', async () => {
  const daemon = await startLabDaemon();
  return {
    socketPath: daemon.socketPath,
    image: 'ubuntu:24.04',
    canPull: true,
    scratch: '/data/contract',
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
});

const WAA = 'windowsarena/waa-auto:2026.11';
const deadline = Deadline.none(createManualClock());
const engineOf = (daemon: LabDaemon) => createDockerEngine(() => openUnix(daemon.socketPath));
const dataDisk = (daemon: LabDaemon) => {
  const disk = daemon.machine.mounts.get('/data');
  if (!disk) throw new Error('no data disk');
  return disk;
};

const ACR = 'waalab.azurecr.io';
const auth = (password: string) => ({
  username: '00000000-0000-0000-0000-000000000000',
  password: new Secret(password),
});
const nothing = (): void => undefined;

describe('docker engine: a registry that opens to a login only', () => {
  it('takes a push under another name, once, and hands it out to a login again', async () => {
    await using daemon = await startLabDaemon();
    daemon.registry.privateHosts.add(ACR);
    daemon.registry.grant(ACR, 'good', Number.POSITIVE_INFINITY);
    const engine = engineOf(daemon);
    await engine.pullImage(WAA, deadline, nothing);
    const target = `${ACR}/mine/waa-auto:7`;
    const seen: PullProgress[] = [];
    const digest = await engine.pushImage(WAA, target, auth('good'), deadline, (progress) => seen.push(progress));
    expect(seen.at(-1)).toMatchObject({ layersDone: 5, layersTotal: 5 });
    expect(await engine.pushImage(WAA, target, auth('good'), deadline, nothing)).toBe(digest);

    const image = await engine.inspectImage(WAA, deadline);
    expect(daemon.registry.resolve(target, true)).toMatchObject({ digest, imageId: image?.id });
    expect(await codeOf(engine.pullImage(target, deadline, nothing))).toBe('DOCKER_REGISTRY_UNAUTHORIZED');
    await engine.pullImage(`${target}@${digest}`, deadline, nothing, auth('good'));
    expect((await engine.inspectImage(target, deadline))?.digests).toContain(`${ACR}/mine/waa-auto@${digest}`);
  });

  it('refuses a push without the right login, and one of an image that is not there', async () => {
    await using daemon = await startLabDaemon();
    const engine = engineOf(daemon);
    await engine.pullImage('ubuntu:24.04', deadline, nothing);
    const push = (image: string) => codeOf(engine.pushImage(image, `${ACR}/u:1`, auth('bad'), deadline, nothing));
    expect(await push('ubuntu:24.04')).toBe('DOCKER_REGISTRY_UNAUTHORIZED');
    expect(await push('nothing:1')).toBe('DOCKER_IMAGE_MISSING');
    expect(daemon.registry.resolve(`${ACR}/u:1`, true)).toMatchObject({ code: 'MANIFEST_UNKNOWN' });
  });
});

describe('docker engine: pulls', () => {
  it('rises layer by layer to the whole and accounts for the disk', async () => {
    await using daemon = await startLabDaemon();
    const free = freeBytes(dataDisk(daemon));
    const seen: PullProgress[] = [];
    await engineOf(daemon).pullImage(WAA, deadline, (progress) => seen.push(progress));
    const last = seen.at(-1);
    expect(last?.layersDone).toBe(5);
    expect(last?.doneBytes).toBe(last?.totalBytes);
    expect(seen.every((one, index) => one.doneBytes >= (seen[index - 1]?.doneBytes ?? 0))).toBe(true);
    const image = await engineOf(daemon).inspectImage(WAA, deadline);
    expect(free - freeBytes(dataDisk(daemon))).toBe(image?.sizeBytes);
  });

  it('pulls by digest and keeps the tag, so that a prune leaves the image', async () => {
    await using daemon = await startLabDaemon();
    const published = daemon.registry.resolve(WAA);
    if ('code' in published) throw new Error(published.code);
    const pinned = `${WAA}@${published.digest}`;
    const engine = engineOf(daemon);
    await engine.pullImage(pinned, deadline, () => undefined);
    await engine.prune(deadline);
    expect((await engine.inspectImage(pinned, deadline))?.digests).toEqual([
      `windowsarena/waa-auto@${published.digest}`,
    ]);
    expect(await engine.inspectImage(WAA, deadline)).toBeDefined();
  });

  it('shares one transfer between two pulls of the same image', async () => {
    await using daemon = await startLabDaemon();
    const engine = engineOf(daemon);
    await Promise.all([
      engine.pullImage(WAA, deadline, () => undefined),
      engine.pullImage(WAA, deadline, () => undefined),
    ]);
    const image = await engine.inspectImage(WAA, deadline);
    const used = 256 * 1024 ** 3 - freeBytes(dataDisk(daemon));
    expect(used).toBe(image?.sizeBytes);
  });

  it.each([
    ['dockurr/windows:9.99', 'DOCKER_IMAGE_NOT_FOUND'],
    ['nobody/nothing:1', 'DOCKER_REGISTRY_UNAUTHORIZED'],
    ['WindowsArena/winarena:latest', 'DOCKER_IMAGE_REFERENCE_INVALID'],
  ])('names why %s cannot be pulled', async (image, code) => {
    await using daemon = await startLabDaemon();
    expect(await codeOf(engineOf(daemon).pullImage(image, deadline, () => undefined))).toBe(code);
  });

  it('names a rate limit and says when to come back', async () => {
    await using daemon = await startLabDaemon();
    daemon.simulation.faults.arm({ id: 'docker-pull-rate-limited' });
    const failure: unknown = await engineOf(daemon)
      .pullImage(WAA, deadline, () => undefined)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'DOCKER_PULL_RATE_LIMITED', params: { retryAfterMs: 60_000 } });
  });

  it('refuses the hundred-and-first pull of six hours', async () => {
    await using daemon = await startLabDaemon();
    for (let pull = 0; pull < 100; pull += 1) daemon.registry.spendPull('docker.io', 'waa-w0', daemon.simulation.now);
    expect(await codeOf(engineOf(daemon).pullImage(WAA, deadline, () => undefined))).toBe('DOCKER_PULL_RATE_LIMITED');
  });

  it('names a full disk, keeps nothing of the pull, and succeeds once the clutter is gone', async () => {
    await using daemon = await startLabDaemon();
    daemon.simulation.faults.arm({ id: 'docker-disk-full' });
    const engine = engineOf(daemon);
    expect(await codeOf(engine.pullImage(WAA, deadline, () => undefined))).toBe('DOCKER_DISK_FULL');
    expect([...dataDisk(daemon).usedBytes.keys()]).toEqual(['clutter']);
    expect(await engine.prune(deadline)).toBeGreaterThan(0);
    await engine.pullImage(WAA, deadline, () => undefined);
  });

  it('asks for a login at a private registry', async () => {
    await using daemon = await startLabDaemon();
    daemon.registry.publish(describeImage('private.azurecr.io/waa:1', [1000]));
    daemon.registry.privateHosts.add('private.azurecr.io');
    const pull = engineOf(daemon).pullImage('private.azurecr.io/waa:1', deadline, () => undefined);
    expect(await codeOf(pull)).toBe('DOCKER_REGISTRY_UNAUTHORIZED');
  });
});

describe('docker engine: the daemon goes away', () => {
  it('is named when nothing listens', async () => {
    expect(await noDaemon('/nonexistent/docker.sock')).toBe('DOCKER_DAEMON_DOWN');
  });

  it('ends a pull in progress with a lost connection', async () => {
    await using daemon = await startLabDaemon();
    const pull = engineOf(daemon).pullImage(WAA, deadline, () => {
      daemon.host.stopDaemon();
    });
    expect(await codeOf(pull)).toBe('DOCKER_CONNECTION_LOST');
  });
});
