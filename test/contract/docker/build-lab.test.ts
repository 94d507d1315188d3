import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { readBuildContext } from '../../../src/host/build-context.js';
import { createDockerEngine } from '../../../src/clients/docker-engine/create-docker-engine.js';
import type { BuildEvent } from '../../../src/clients/docker-engine/docker-engine.js';
import { Deadline } from '../../../src/health/deadline.js';
import { freeBytes } from '../../../src/lab/world/contracts.js';
import { buildSuite } from './build-suite.js';
import { openUnix } from './engine-suite.js';
import { startLabDaemon, type LabDaemon } from './lab-daemon.js';

const deadline = Deadline.none(createManualClock());

buildSuite('lab', async () => {
  const daemon = await startLabDaemon();
  const engine = createDockerEngine(() => openUnix(daemon.socketPath));
  await engine.pullImage('ubuntu:24.04', deadline, () => undefined);
  return {
    socketPath: daemon.socketPath,
    image: 'ubuntu:24.04',
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
});

const IMAGE = fileURLToPath(new URL('../../../images/waa-auto', import.meta.url));

async function buildOurs(daemon: LabDaemon, builder: 'buildkit' | 'classic') {
  const { archive } = await readBuildContext(IMAGE);
  const events: BuildEvent[] = [];
  const request = { context: archive, tag: 'me/waa-auto:1', buildArgs: {}, noCache: false, builder };
  const built = await createDockerEngine(() => openUnix(daemon.socketPath))
    .buildImage(request, deadline, (event) => events.push(event))
    .catch((error: unknown) => error as Error);
  return { events, built };
}

describe.each(['buildkit', 'classic'] as const)('the image of waa built by %s in the lab', (builder) => {
  it('has what the Dockerfile says, and pulls its bases on the way', async () => {
    await using daemon = await startLabDaemon();
    const { built, events } = await buildOurs(daemon, builder);
    expect(built).toMatchObject({
      labels: { 'waa.base.dockur': 'dockurr/windows:6.05', 'waa.base.winarena': 'windowsarena/winarena:latest' },
    });
    expect(events.some((event) => event.kind === 'transfer')).toBe(true);
    expect(events.some((event) => event.kind === 'output')).toBe(true);
  });

  it('fails with the limit of the registry', async () => {
    await using daemon = await startLabDaemon();
    daemon.simulation.faults.arm({ id: 'docker-pull-rate-limited' });
    expect((await buildOurs(daemon, builder)).built).toMatchObject({
      code: 'DOCKER_PULL_RATE_LIMITED',
      params: { image: expect.stringContaining('windowsarena/winarena') as string },
    });
  });

  it('fails with the disk when it is full', async () => {
    await using daemon = await startLabDaemon();
    daemon.simulation.faults.arm({ id: 'docker-disk-full' });
    expect((await buildOurs(daemon, builder)).built).toMatchObject({ code: 'DOCKER_DISK_FULL' });
  });

  it('leaves nothing of a build that failed', async () => {
    await using daemon = await startLabDaemon({ dataGb: 26 });
    const disk = daemon.machine.mounts.get('/data');
    if (!disk) throw new Error('no data disk');
    const { built } = await buildOurs(daemon, builder);
    expect(built).toMatchObject({ code: 'DOCKER_DISK_FULL' });
    const kept = new Set([...daemon.host.images].map(({ reference }) => reference.replace(/[@:].*/, '')));
    expect(kept.has('me/waa-auto')).toBe(false);
    expect(freeBytes(disk)).toBeGreaterThan(0);
  });
});

/** The docker client as people have it, unmodified. */
describe.skipIf(spawnSync('docker', ['--version']).status !== 0)('docker build at the lab', () => {
  it.each(['0', '1'])('works with DOCKER_BUILDKIT=%s of the client', async (buildkit) => {
    if (buildkit === '1' && spawnSync('docker', ['buildx', 'version']).status === 0) return;
    await using daemon = await startLabDaemon();
    const folder = await mkdtemp(join(tmpdir(), 'waa-docker-build-'));
    await writeFile(join(folder, 'Dockerfile'), 'FROM ubuntu:24.04\nRUN true\nLABEL a=b\n');
    const env = { ...process.env, DOCKER_BUILDKIT: buildkit };
    const args = ['-H', `unix://${daemon.socketPath}`, 'build', '-t', 'me/one:1', folder];
    const { code, text } = await new Promise<{ code: number; text: string }>((resolve) => {
      execFile('docker', args, { env }, (error, out, err) => {
        resolve({ code: error ? Number(error.code) : 0, text: out + err });
      });
    });
    await rm(folder, { recursive: true });
    if (buildkit === '1') expect(text).toMatch(/buildx|BuildKit/);
    else expect([code, text]).toEqual([0, expect.stringContaining('Successfully tagged me/one:1')]);
  });
});
