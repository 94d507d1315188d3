import { describe, expect, it } from 'vitest';
import { createQemuLayer } from '../../../src/layers/qemu/index.js';
import { resetWindows, type ResetMode } from '../../../src/layers/windows/reset.js';
import { createWorkerBench, type WorkerBench } from '../../helpers/worker-bench.js';

const GB = 1024 ** 3;
const STORAGE = '/data/waa/storage';

/** A worker whose Windows is at its desktop. */
async function worker() {
  const world = createWorkerBench();
  const storage = world.storage();
  storage.createDisk('11111111-2222-4333-a444-555555555555');
  Object.assign(storage.windows ?? {}, { stage: 'installed', appsInstalled: true, allocatedBytes: 20 * GB });
  storage.write('windows.boot', '');
  const start = async (): Promise<void> => {
    await world.run(createQemuLayer(world).provision(world.context(), world.input, { state: 'absent' }));
    await world.pass(300);
  };
  await start();
  const asked: string[] = [];
  const server = {
    ...world.server,
    closeAll: () => Promise.resolve(void asked.push('close_all')),
    clearTaskFiles: () => Promise.resolve(void asked.push('clear_task_files')),
  };
  const target = { ...world.input, worker: 'w0' };
  const reset = (mode: ResetMode): Promise<void> =>
    world.run(resetWindows({ ...world, server: () => server }, target, mode, world.clock, world.context().deadline));
  return { world, start, asked, reset };
}

/** What a task does to a worker, with task.sh's mark. */
function runTask(world: WorkerBench): void {
  world.container()?.process?.ports.guest?.leaveTraces();
  world.machine.writeFile(`${STORAGE}/.waa-used`, '');
}

const traces = (world: WorkerBench): number | undefined => world.storage().windows?.taskTraces;

describe('resetting Windows', () => {
  it('none does nothing', async () => {
    const { world, asked, reset } = await worker();
    const before = [...world.calls];
    await reset('none');
    expect([...asked, ...world.calls]).toEqual(before);
  });

  it('close-all asks the server for all that upstream asks it for', async () => {
    const { asked, reset } = await worker();
    await reset('close-all');
    expect(asked).toEqual(['close_all', 'clear_task_files']);
  });

  it('guest knows the end of the six hundredth reset of one container as well as that of the first', async () => {
    const { world, reset } = await worker();
    for (let count = 1; count < 600; count += 1) {
      world.container()?.process?.qemu?.reset();
      await world.pass(4);
    }
    await reset('guest');
    expect(await world.run(createQemuLayer(world).check(world.context(), world.input))).toMatchObject({
      state: 'ready',
    });
  });

  it('guest presses the reset button: windows go, the disk stays as it is', async () => {
    const { world, reset } = await worker();
    runTask(world);
    await reset('guest');
    expect(world.calls).toContain('reset');
    expect(world.container()?.process?.ports.guest).toBeUndefined();
    expect(traces(world)).toBe(1);
  });

  it('golden makes its copy of a disk that no task has used, from a clean shutdown', async () => {
    const { world, reset } = await worker();
    await reset('golden');
    expect(world.calls).toContain('guest shutdown');
    expect(world.calls.at(-1)).toBe('golden capture');
    expect(world.container()).toMatchObject({ state: 'exited', exitCode: 0 });
  });

  it('golden puts the disk back as it was, as often as wanted', async () => {
    const { world, start, reset } = await worker();
    await reset('golden');
    for (let round = 0; round < 2; round += 1) {
      await start();
      runTask(world);
      expect(traces(world)).toBe(1);
      await reset('golden');
      expect(world.calls.at(-1)).toBe('golden restore');
      // Nothing is left that would look as if the container had died of something.
      expect(world.container()).toBeUndefined();
      expect(traces(world)).toBe(0);
      expect(world.storage().marked).toBe(true);
    }
  });

  it('golden leaves a disk alone that is as its copy', async () => {
    const { world, start, reset } = await worker();
    await reset('golden');
    await start();
    await reset('golden');
    expect(world.calls.at(-1)).toBe('golden status');
    expect(world.container()?.state).toBe('running');
  });

  it('golden is refused by name where tasks have run before a copy was made', async () => {
    const { world, reset } = await worker();
    runTask(world);
    await expect(reset('golden')).rejects.toMatchObject({
      code: 'WINDOWS_RESET_IMPOSSIBLE',
      params: { worker: 'w0', mode: 'golden', reason: expect.stringContaining('tasks have run') },
    });
    expect(world.container()?.state).toBe('running');
  });

  it('golden is refused by name where there is no room for the copies', async () => {
    const { world, reset } = await worker();
    world.machine.mounts.get('/data')?.usedBytes.set('clutter', 9999 * GB);
    await expect(reset('golden')).rejects.toMatchObject({
      code: 'WINDOWS_RESET_IMPOSSIBLE',
      params: { reason: expect.stringMatching(/^4\d GB are needed .* 0 are free$/) },
    });
    expect(world.container()?.state).toBe('running');
  });
});
