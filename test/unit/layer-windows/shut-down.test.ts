import { describe, expect, it } from 'vitest';
import { fail } from '../../../src/failures/waa-error.js';
import { createQemuLayer } from '../../../src/layers/qemu/index.js';
import { shutDownWindows } from '../../../src/layers/windows/shut-down.js';
import { createWorkerBench } from '../../helpers/worker-bench.js';

async function worker(disk: 'marked' | 'unmarked' | 'none') {
  const world = createWorkerBench();
  if (disk !== 'none') {
    const storage = world.storage();
    storage.createDisk('11111111-2222-4333-a444-555555555555');
    Object.assign(storage.windows ?? {}, { stage: 'installed', appsInstalled: true, allocatedBytes: 20 * 1024 ** 3 });
    storage.write('windows.boot', '');
  }
  const qemu = createQemuLayer(world);
  await world.run(qemu.provision(world.context(), world.input, { state: 'absent' }));
  await world.pass(300);
  if (disk === 'unmarked') world.storage().remove('windows.boot');
  const server = world.server;
  const shutDown = (own = server) =>
    world.run(shutDownWindows({ ...world, server: () => own }, world.input, world.clock, world.context().deadline));
  return { world, shutDown, server };
}

describe('clean shutdown of Windows', () => {
  it("asks the WAA server, waits for the container's own end and finds the marker", async () => {
    const { world, shutDown } = await worker('marked');
    expect(await shutDown()).toBe('shut-down');
    expect(world.container()).toMatchObject({ state: 'exited', exitCode: 0 });
    expect(world.calls).toContain('guest shutdown');
    expect(world.calls).not.toContain('stop');
    expect(world.storage().windows?.dirty).toBe(false);
  });

  it('presses the power button when the server does not answer', async () => {
    const { world, shutDown, server } = await worker('marked');
    const dead = {
      ...server,
      shutdown: () => Promise.reject(fail('SERVER_NOT_LISTENING', { call: 'POST /shutdown' })),
    };
    expect(await shutDown(dead)).toBe('shut-down');
    expect(world.calls).toContain('powerdown');
  });

  it('presses the power button when the server says yes and does nothing', async () => {
    const { world, shutDown, server } = await worker('marked');
    expect(await shutDown({ ...server, shutdown: () => Promise.resolve() })).toBe('shut-down');
    expect(world.calls).toContain('powerdown');
  });

  it('marks a desktop that was never marked before it goes down', async () => {
    const { world, shutDown } = await worker('unmarked');
    expect(await shutDown()).toBe('shut-down');
    expect(world.storage().marked).toBe(true);
  });

  it('stops an installation that never came to a desktop and does not mark it', async () => {
    const { world, shutDown } = await worker('none');
    expect(await shutDown()).toBe('unfinished');
    expect(world.storage().marked).toBe(false);
    expect(world.container()?.state).toBe('exited');
  });

  it('has nothing to do when the container does not run', async () => {
    const { world, shutDown } = await worker('marked');
    await shutDown();
    expect(await shutDown()).toBe('was-off');
    expect(world.calls.filter((call) => call === 'guest shutdown')).toHaveLength(1);
  });

  it('never kills: a Windows that stays up is a failure', async () => {
    const { world, shutDown, server } = await worker('marked');
    const deaf = {
      ...world,
      openQmp: async (...args: Parameters<typeof world.openQmp>) => ({
        ...(await world.openQmp(...args)),
        systemPowerdown: () => Promise.resolve(),
      }),
    };
    const step = shutDownWindows(
      { ...deaf, server: () => ({ ...server, shutdown: () => Promise.resolve() }) },
      world.input,
      world.clock,
      world.context().deadline,
    );
    await expect(world.run(step)).rejects.toMatchObject({ code: 'WINDOWS_SHUTDOWN_TIMEOUT' });
    expect(world.container()?.state).toBe('running');
    expect(shutDown).toBeDefined();
  });
});
