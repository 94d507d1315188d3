import { describe, expect, it } from 'vitest';
import type { DockerEngine } from '../../../src/clients/docker-engine/docker-engine.js';
import { fail } from '../../../src/failures/waa-error.js';
import { INSTALL_TOKEN } from '../../../src/health/winarena.js';
import { createQemuLayer } from '../../../src/layers/qemu/index.js';
import { createWorkerBench, type WorkerBench } from '../../helpers/worker-bench.js';

function bench(options: Parameters<typeof createWorkerBench>[0] = {}) {
  const world = createWorkerBench(options);
  const layer = createQemuLayer(world);
  const check = (): ReturnType<typeof layer.check> => world.run(layer.check(world.context(30_000), world.input));
  return {
    world,
    layer,
    check,
    provision: async (budgetMs?: number) => {
      const seen = await check();
      await world.run(layer.provision(world.context(budgetMs), world.input, seen));
    },
    recover: (code: Parameters<typeof fail>[0], params: Record<string, string | number>, attempt = 0) =>
      world.run(layer.recover(world.context(undefined, attempt), world.input, fail(code, params as never))),
  };
}

/** A disk with Windows on it, as a worker of yesterday has it. */
function installedDisk(world: WorkerBench, marked: boolean): void {
  const storage = world.storage();
  storage.createDisk('11111111-2222-4333-a444-555555555555');
  const windows = storage.windows;
  if (windows) Object.assign(windows, { stage: 'installed', appsInstalled: true, allocatedBytes: 20 * 1024 ** 3 });
  storage.write('windows.base', 'win11x64-enterprise-eval.iso');
  if (marked) storage.write('windows.boot', '');
}

describe('qemu layer, first start', () => {
  it('says absent when there is no container, and changes nothing by looking', async () => {
    const { check, world } = bench();
    expect(await check()).toMatchObject({ state: 'absent' });
    expect(world.calls).toEqual([]);
  });

  it('makes and starts the container and waits through the download until QEMU runs', async () => {
    const { provision, check, world } = bench();
    await provision();
    const status = await check();
    expect(status).toMatchObject({
      state: 'ready',
      output: { guestIp: '172.30.0.2', dockurVersion: '6.05', containerId: 'c1' },
    });
    expect(world.calls).toEqual(['create', 'start']);
    const percents = world.reported.flatMap((progress) => progress.percent ?? []);
    expect(Math.max(...percents)).toBeGreaterThan(90);
  });

  it('waits for a download of Windows that is under way before it starts the container', async () => {
    const { provision, world } = bench();
    world.media.push('running', 'running', 'done');
    await provision();
    expect(world.calls).toEqual(['create', 'start']);
    expect(world.media).toEqual([]);
    expect(world.reported[0]).toEqual({ phase: 'downloading Windows', percent: 25 });
  });

  it('leaves the download to dockur when it failed, and asks for none where that is wanted', async () => {
    const failed = bench();
    failed.world.media.push('running', 'failed');
    await failed.provision();
    expect(failed.world.calls).toEqual(['create', 'start']);
    const unasked = bench({ windows: { fetchIso: false } });
    unasked.world.media.push('running');
    await unasked.provision();
    expect(unasked.world.media).toEqual(['running']);
  });

  it('finds the guest address of dockur 5.14, whose log does not tell it, in the DHCP lease', async () => {
    const { world, layer } = bench();
    const input = { ...world.input, image: 'dockurr/windows:5.14' };
    await world.run(layer.provision(world.context(), input, { state: 'absent' }));
    const status = await world.run(layer.check(world.context(), input));
    expect(status).toMatchObject({ state: 'ready', output: { guestIp: '172.30.0.2', dockurVersion: '5.14' } });
  });

  it('is a no-op the second time', async () => {
    const { provision, world } = bench();
    await provision();
    await provision();
    expect(world.calls).toEqual(['create', 'start']);
  });

  it('reports progress while it is not ready, with the percent of the status page', async () => {
    const { layer, check, world } = bench();
    const step = layer.provision(world.context(120_000), world.input, { state: 'absent' });
    await expect(world.run(step)).rejects.toMatchObject({ code: 'QEMU_START_TIMEOUT' });
    expect(await check()).toMatchObject({ state: 'in-progress', progress: { percent: expect.any(Number) as number } });
  });

  it('keeps its identity over checks and changes it with a restart', async () => {
    const { provision, check, recover } = bench();
    await provision();
    const first = await check();
    expect(await check()).toMatchObject({ identity: (first as { identity: string }).identity });
    await recover('QEMU_QMP_CLOSED', { command: 'x' });
    await provision();
    const later = await check();
    expect((later as { identity: string }).identity).not.toBe((first as { identity: string }).identity);
  });
});

describe('qemu layer, storage guard', () => {
  it('refuses to start on a disk without marker that it did not begin', async () => {
    const { provision, world } = bench();
    installedDisk(world, false);
    await expect(provision()).rejects.toMatchObject({ code: 'QEMU_STORAGE_WITHOUT_MARKER', disposition: 'permanent' });
    expect(world.calls).toEqual([]);
    expect(world.storage().windows?.stage).toBe('installed');
  });

  it('starts a marked disk and does not install', async () => {
    const { provision, world } = bench();
    installedDisk(world, true);
    await provision();
    expect(world.storage().windows?.stage).toBe('installed');
    expect(world.tokens.has(INSTALL_TOKEN)).toBe(false);
  });

  it('refuses a disk of another Windows version', async () => {
    const { provision, world } = bench();
    installedDisk(world, true);
    world.storage().write('windows.base', 'win10x64-enterprise-eval.iso');
    await expect(provision()).rejects.toMatchObject({ code: 'QEMU_STORAGE_OTHER_VERSION' });
  });

  it('notes durably that it begins an installation before it starts the container', async () => {
    const { world, layer } = bench();
    const engine = world.engine();
    let notedAtStart: string | undefined;
    const watching = {
      ...engine,
      startContainer: async (...args: Parameters<typeof engine.startContainer>) => {
        notedAtStart = world.tokens.get(INSTALL_TOKEN);
        await engine.startContainer(...args);
      },
    };
    const own = createQemuLayer({ ...world, engine: () => watching });
    await world.run(own.provision(world.context(), world.input, { state: 'absent' }));
    expect(notedAtStart).toBeDefined();
    expect(layer.id).toBe('qemu');
  });

  it('begins the installation again after a crash in the middle of its own', async () => {
    const { provision, check, world } = bench();
    await provision();
    await world.pass(120);
    await world.run(world.engine().killContainer('c1', world.context().deadline));
    expect(await check()).toMatchObject({ state: 'unhealthy', fault: { code: 'QEMU_CONTAINER_KILLED' } });
    const { layer } = { layer: createQemuLayer(world) };
    await world.run(
      layer.recover(world.context(), world.input, fail('QEMU_CONTAINER_KILLED', { exitCode: 137, by: 'SIGKILL' })),
    );
    await provision();
    expect(await check()).toMatchObject({ state: 'ready' });
  });

  it('forgets the note once the disk is marked, so that a lost marker later is not taken for an installation', async () => {
    const { provision, check, world } = bench();
    await provision();
    expect(world.tokens.has(INSTALL_TOKEN)).toBe(true);
    world.storage().write('windows.boot', '');
    await check();
    expect(world.tokens.has(INSTALL_TOKEN)).toBe(false);
  });
});

describe('qemu layer, what is not as specified', () => {
  it('names each difference of a foreign container and makes it anew', async () => {
    const { layer, check, world } = bench();
    const foreign = createWorkerBench();
    await world.run(layer.provision(world.context(), world.input, { state: 'absent' }));
    const bigger = createQemuLayer({
      ...world,
      plan: {
        ...world.plan,
        config: { ...foreign.plan.config, windows: { ...foreign.plan.config.windows, ramGb: 12 } },
      },
    });
    const status = await world.run(bigger.check(world.context(), world.input));
    expect(status).toMatchObject({ state: 'drifted' });
    expect(status).toMatchObject({
      differences: expect.arrayContaining([expect.stringContaining('RAM_SIZE is 8G, wanted 12G')]) as unknown,
    });
    expect(await check()).toMatchObject({ state: 'ready' });
    await world.run(bigger.provision(world.context(), world.input, status));
    expect(world.calls).toEqual(['create', 'start', 'stop', 'remove', 'create', 'start']);
  });

  it('sees an image that changed under the same name', async () => {
    const { provision, layer, world } = bench();
    await provision();
    const status = await world.run(layer.check(world.context(), { ...world.input, imageId: 'sha256:newer' }));
    expect(status).toMatchObject({ state: 'drifted', differences: [expect.stringContaining('image is') as string] });
  });

  it('only starts a container that was stopped on purpose', async () => {
    const { provision, check, world } = bench();
    installedDisk(world, true);
    await provision();
    await world.pass(200);
    await world.run(world.engine().stopContainer('c1', 120, world.context().deadline));
    expect(await check()).toMatchObject({ state: 'absent', detail: 'container stopped' });
    await provision();
    expect(world.calls).toEqual(['create', 'start', 'stop', 'start']);
  });
});

describe('qemu layer, faults', () => {
  it('names exit code 88 within the wait and mends it by making the container anew', async () => {
    const { provision, recover, check, world } = bench();
    world.simulation.faults.arm({ id: 'qemu-exit-88' });
    await expect(provision()).rejects.toMatchObject({
      code: 'QEMU_KVM_UNAVAILABLE',
      params: { reason: '/dev/kvm is missing' },
    });
    expect(await recover('QEMU_KVM_UNAVAILABLE', { reason: 'x' })).toMatchObject({ outcome: 'acted' });
    await provision();
    expect(await check()).toMatchObject({ state: 'ready' });
  });

  it('names a loop on missing media within seconds and ends it by a restart', async () => {
    const { provision, recover, check, world } = bench();
    world.simulation.faults.arm({ id: 'windows-iso-missing' });
    const begun = world.clock.now();
    await expect(provision()).rejects.toMatchObject({ code: 'WINDOWS_ISO_MISSING' });
    expect(world.clock.now() - begun).toBeLessThan(15_000);
    await recover('WINDOWS_ISO_MISSING', {});
    await provision();
    expect(await check()).toMatchObject({ state: 'ready' });
  });

  it('cleans the disk and lets Windows go on when QEMU stopped it for want of space', async () => {
    const { provision, check, recover, world } = bench({ dataGb: 128 });
    await provision();
    world.machine.mounts.get('/data')?.usedBytes.set('clutter', 120 * 1024 ** 3);
    await world.pass(120);
    expect(await check()).toMatchObject({ state: 'unhealthy', fault: { code: 'QEMU_PAUSED_BY_IO_ERROR' } });
    await recover('QEMU_PAUSED_BY_IO_ERROR', { directory: '/data/waa/storage' });
    expect(world.calls).toContain('cont');
    expect(await check()).toMatchObject({ state: 'ready' });
  });

  it("lets Windows go on without cleaning a host of the user's own", async () => {
    const { provision, check, world } = bench({ dataGb: 128 });
    await provision();
    const usedBytes = world.machine.mounts.get('/data')?.usedBytes;
    usedBytes?.set('clutter', 120 * 1024 ** 3);
    await world.pass(120);
    const seen = await check();
    usedBytes?.delete('clutter');
    if (seen.state !== 'unhealthy') throw new Error(`${seen.state} with a full disk`);
    const host = {
      address: world.input.address,
      dockerSocket: '/var/run/docker.sock',
      installDocker: false,
      allowTcg: false,
      claim: { id: 'x', text: 'x' },
    };
    const theirs = createQemuLayer({ ...world, plan: { ...world.plan, host } });
    await world.run(theirs.recover(world.context(), world.input, seen.fault));
    expect(world.calls).toContain('cont');
    expect(world.calls).not.toContain('clean');
    expect(await check()).toMatchObject({ state: 'ready' });
  });

  it('calls a refused setting permanent and gives up at once', async () => {
    const { layer, world } = bench();
    const wrong = createQemuLayer({
      ...world,
      plan: {
        ...world.plan,
        config: { ...world.plan.config, windows: { ...world.plan.config.windows, version: 'win13' } },
      },
    });
    await expect(world.run(wrong.provision(world.context(), world.input, { state: 'absent' }))).rejects.toMatchObject({
      code: 'QEMU_CONFIGURATION_REFUSED',
      disposition: 'permanent',
      params: { exitCode: 68 },
    });
    const recovery = await world.run(
      layer.recover(world.context(), world.input, fail('QEMU_CONFIGURATION_REFUSED', { exitCode: 68, detail: 'x' })),
    );
    expect(recovery).toMatchObject({ outcome: 'give-up' });
  });

  it('gives up when every rung was tried', async () => {
    const { recover, provision } = bench();
    await provision();
    expect(await recover('QEMU_NOT_BOOTABLE', { detail: 'x' }, 2)).toMatchObject({ outcome: 'give-up' });
  });

  it('does not touch a download that only needs longer', async () => {
    const { recover, world } = bench();
    expect(await recover('QEMU_START_TIMEOUT', { seconds: 600, last: 'Downloading' })).toEqual({
      outcome: 'acted',
      action: 'left what was begun to go on',
    });
    expect(world.calls).toEqual([]);
  });

  it('leaves a daemon that is gone for longer than a moment to the layer below', async () => {
    const { world } = bench();
    const startedAt = world.clock.now();
    const engine = (): DockerEngine =>
      world.clock.now() < startedAt + 20_000
        ? world.engine()
        : { ...world.engine(), inspectContainer: () => Promise.reject(fail('DOCKER_DAEMON_DOWN', { detail: 'x' })) };
    const layer = createQemuLayer({ ...world, engine });
    await expect(world.run(layer.provision(world.context(), world.input, { state: 'absent' }))).rejects.toMatchObject({
      code: 'DOCKER_DAEMON_DOWN',
    });
    expect(world.clock.now() - startedAt).toBeLessThan(90_000);
  });

  it('says unknown, neither healthy nor broken, when the connection is gone', async () => {
    const { world } = bench();
    const links = {
      ...world.links,
      open: () => Promise.reject(fail('VM_SSH_DROPPED', { host: '203.0.113.9' } as never)),
    };
    const cut = createQemuLayer({ ...world, links });
    expect(await world.run(cut.check(world.context(), world.input))).toMatchObject({
      state: 'unknown',
      fault: { code: 'VM_SSH_DROPPED' },
    });
  });
});
