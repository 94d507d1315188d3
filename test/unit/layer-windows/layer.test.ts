import { describe, expect, it } from 'vitest';
import type { OpenQmp } from '../../../src/clients/qmp/qmp.js';
import { parseDockurLog } from '../../../src/health/dockur-log.js';
import type { FaultId } from '../../../src/lab/faults/faults.js';
import type { QemuOutput } from '../../../src/layers/io.js';
import type { LayerContext, LayerStatus } from '../../../src/layers/layer.js';
import { createQemuLayer } from '../../../src/layers/qemu/index.js';
import { createWindowsLayer } from '../../../src/layers/windows/index.js';
import { INSTALL_TOKEN } from '../../../src/health/winarena.js';
import { fail, type WaaError } from '../../../src/failures/waa-error.js';
import { createWorkerBench, type WorkerBench } from '../../helpers/worker-bench.js';

interface Worker {
  readonly world: WorkerBench;
  readonly input: QemuOutput;
  check(): Promise<LayerStatus<unknown>>;
  provision(budgetMs?: number): Promise<void>;
  recover(fault: WaaError, attempt?: number): Promise<unknown>;
  /** The failure that the wait for the desktop ends with. */
  fault(): Promise<WaaError>;
}

/** A worker whose qemu layer is ready: Windows begins to install, or boots when the disk was prepared. */
async function worker(
  options: {
    fault?: FaultId;
    skip?: number;
    times?: number;
    installed?: boolean;
    marked?: boolean;
    allowReinstall?: boolean;
    openQmp?: OpenQmp;
  } = {},
): Promise<Worker> {
  const world = createWorkerBench();
  if (options.installed) installedDisk(world, options.marked ?? true);
  if (options.fault)
    world.simulation.faults.arm({ id: options.fault, skip: options.skip ?? 0, times: options.times ?? 1 });
  const qemu = createQemuLayer(world);
  const bringUpQemu = async (): Promise<QemuOutput> => {
    await world.run(qemu.provision(world.context(), world.input, { state: 'absent' }));
    const status = await world.run(qemu.check(world.context(), world.input));
    if (status.state !== 'ready') throw new Error(`the layer below is ${status.state}`);
    return status.output;
  };
  let input = await bringUpQemu();
  const { allowReinstall = false, openQmp = world.openQmp } = options;
  const layer = createWindowsLayer({ ...world, allowReinstall, openQmp });
  let readyAs: string | undefined;
  const context = (budgetMs?: number): LayerContext => {
    const plain = world.context(budgetMs);
    return { ...plain, memory: { ...plain.memory, readyAs: () => readyAs } };
  };
  const check = async (): Promise<LayerStatus<unknown>> => {
    const seen = await world.run(layer.check(context(60_000), input));
    if (seen.state === 'ready') readyAs = seen.identity;
    return seen;
  };
  const provision = async (budgetMs?: number): Promise<void> => {
    const seen = await world.run(layer.check(context(60_000), input));
    await world.run(layer.provision(context(budgetMs), input, seen));
  };
  return {
    world,
    input,
    check,
    provision,
    recover: async (fault, attempt = 0) => {
      const done = await world.run(layer.recover(world.context(600_000, attempt), input, fault));
      // As the walk goes on from the layer below.
      if (!world.container()) input = await bringUpQemu();
      return done;
    },
    fault: () =>
      provision().then(
        () => {
          throw new Error('no failure came');
        },
        (error: unknown) => error as WaaError,
      ),
  };
}

function installedDisk(world: WorkerBench, marked: boolean): void {
  const storage = world.storage();
  storage.createDisk('11111111-2222-4333-a444-555555555555');
  Object.assign(storage.windows ?? {}, { stage: 'installed', appsInstalled: true, allocatedBytes: 20 * 1024 ** 3 });
  storage.write('windows.base', 'win11x64-enterprise-eval.iso');
  if (marked) storage.write('windows.boot', '');
}

describe('windows layer, the way to a desktop', () => {
  it('installs, reports a rising percent, marks the disk at the first desktop and is ready', async () => {
    const { world, provision, check } = await worker();
    world.reported.length = 0;
    await provision();
    // 1440x900, drawn at a quarter of the size.
    expect(await check()).toMatchObject({ state: 'ready', output: { screen: { width: 360, height: 225 } } });
    expect(world.storage().marked).toBe(true);
    const percents = world.reported.flatMap((progress) => progress.percent ?? []);
    expect(percents.length).toBeGreaterThan(20);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
  });

  it('says in-progress with a phase while Setup copies files', async () => {
    const { world, check } = await worker();
    await world.pass(60);
    expect(await check()).toMatchObject({ state: 'in-progress', progress: { phase: 'Windows Setup copies files' } });
  });

  it('is not ready at a desktop whose disk is not marked', async () => {
    const { world, provision, check } = await worker({ installed: true });
    await provision();
    world.storage().remove('windows.boot');
    expect(await check()).toMatchObject({
      state: 'in-progress',
      progress: { phase: expect.stringContaining('not marked') as string },
    });
    expect(world.storage().marked).toBe(false);
  });

  it('boots an installed disk within minutes', async () => {
    const { world, provision, check } = await worker({ installed: true });
    const begun = world.clock.now();
    await provision();
    expect(world.clock.now() - begun).toBeLessThan(180_000);
    expect(await check()).toMatchObject({ state: 'ready' });
  });

  it('remembers an installation under way and forgets it once it was ready', async () => {
    const { world, provision, check } = await worker();
    world.tokens.clear();
    await expect(provision(60_000)).rejects.toMatchObject({ code: 'WINDOWS_INSTALL_TIMEOUT' });
    expect(world.tokens.has(INSTALL_TOKEN)).toBe(true);
    await provision();
    expect(world.tokens.has(INSTALL_TOKEN)).toBe(true);
    expect(await check()).toMatchObject({ state: 'ready' });
    expect(world.tokens.has(INSTALL_TOKEN)).toBe(false);
  });

  it('does nothing the second time', async () => {
    const { world, provision } = await worker({ installed: true });
    await provision();
    const calls = world.calls.filter((call) => call !== 'mark');
    await provision();
    expect(world.calls.filter((call) => call !== 'mark')).toEqual(calls);
  });
});

describe('windows layer, a stalled installation', () => {
  it('is named within five minutes, reset, and then goes through', async () => {
    const { world, provision, fault, recover, check } = await worker({ fault: 'windows-install-stalled' });
    const failure = await fault();
    expect(failure).toMatchObject({ code: 'WINDOWS_INSTALL_STALLED' });
    const struck = world.simulation.faults.history[0]?.at ?? 0;
    expect(world.clock.now() - struck).toBeLessThan((8 + 5) * 60_000);
    expect(await recover(failure)).toMatchObject({ outcome: 'acted', action: 'reset Windows' });
    await provision();
    expect(await check()).toMatchObject({ state: 'ready' });
  });

  it('restarts the container when the reset did not help, and follows the new preparation', async () => {
    const { world, provision, fault, recover, check } = await worker({ fault: 'windows-install-stalled', times: 2 });
    const first = await fault();
    await recover(first);
    const second = await fault();
    expect(second.code).toBe('WINDOWS_INSTALL_STALLED');
    const action = 'restarted the container; the installation of Windows begins again';
    expect(await recover(second, 1)).toMatchObject({ action });
    await provision();
    expect(await check()).toMatchObject({ state: 'ready' });
    expect(world.calls).toContain('reset');
  });
});

describe('windows layer, black screen', () => {
  it('is named by the wait when nothing moves, and cured by a reset', async () => {
    const { provision, fault, recover, check } = await worker({ installed: true, fault: 'windows-black-screen' });
    const failure = await fault();
    expect(failure.code).toBe('WINDOWS_BLACK_SCREEN');
    await recover(failure);
    await provision();
    expect(await check()).toMatchObject({ state: 'ready' });
  });

  it('is named by a single look when Windows should long be there', async () => {
    const { world, check } = await worker({ installed: true, fault: 'windows-black-screen' });
    await world.pass(11 * 60);
    expect(await check()).toMatchObject({ state: 'unhealthy', fault: { code: 'WINDOWS_BLACK_SCREEN' } });
  });

  it('is not named by a single look after a reset: nobody knows how long it has been black', async () => {
    const { world, provision, recover, check } = await worker({ installed: true });
    await provision();
    await world.pass(11 * 60);
    world.simulation.faults.arm({ id: 'windows-black-screen', skip: 0, times: 1 });
    await recover(fail('WINDOWS_CRASHED', { screen: 'blue screen' }));
    await world.pass(10);
    expect(await check()).toMatchObject({ state: 'in-progress' });
  });
});

describe('windows layer, a start that has just begun', () => {
  it('may be black, however long ago its container was started', async () => {
    const { world, provision, recover, check } = await worker({ installed: true });
    await provision();
    await world.pass(3600);
    world.simulation.faults.arm({ id: 'windows-black-screen' });
    await recover(fail('WINDOWS_CRASHED', { screen: 'blue screen' }));
    expect(await check()).toMatchObject({ state: 'in-progress' });
  });

  it('is past the firmware when a reset is over: before, the screen shows what was', async () => {
    const { world, provision, recover } = await worker({ installed: true });
    await provision();
    expect(await recover(fail('WINDOWS_CRASHED', { screen: 'blue screen' }))).toMatchObject({ outcome: 'acted' });
    const log = parseDockurLog(await world.engine().logs('winarena', 1000, world.context().deadline));
    expect(log.diskBoots).toBe(2);
  });

  it('is in progress while QEMU has not opened its socket', async () => {
    const openQmp = () => Promise.reject(fail('VM_FORWARD_REFUSED', { host: 'vm0', target: 'qmp.sock' }));
    const { world, check } = await worker({ installed: true, openQmp });
    await world.run(world.engine().killContainer('c1', world.context().deadline));
    await world.run(world.engine().startContainer('c1', world.context().deadline));
    const seen: LayerStatus<unknown>[] = [];
    for (let second = 0; second < 20; second += 1) {
      await world.pass(1);
      const status = await check();
      if (status.state === 'unknown') break;
      seen.push(status);
    }
    expect(seen).toContainEqual({ state: 'in-progress', progress: { phase: 'QEMU is starting' } });
    expect(seen.every(({ state }) => state === 'in-progress')).toBe(true);
  });
});

describe('windows layer, reboot loop', () => {
  it('is named and cured by a restart of the container', async () => {
    const { provision, fault, recover, check } = await worker({ installed: true, fault: 'windows-reboot-loop' });
    const failure = await fault();
    expect(failure).toMatchObject({ code: 'WINDOWS_REBOOT_LOOP', params: { boots: 4 } });
    expect(await recover(failure)).toMatchObject({ action: 'restarted the container' });
    await provision();
    expect(await check()).toMatchObject({ state: 'ready' });
  });

  it('is not what resets between tasks are, however many', async () => {
    const { world, provision, recover, check } = await worker({ installed: true });
    await provision();
    for (let reset = 0; reset < 5; reset += 1) {
      expect(await check()).toMatchObject({ state: 'ready' });
      await recover(fail('WINDOWS_CRASHED', { screen: 'blue screen' }));
      expect(await check()).toMatchObject({ state: 'in-progress' });
      await provision();
    }
    const log = parseDockurLog(await world.engine().logs('winarena', 1000, world.context().deadline));
    expect(log.diskBoots).toBe(6);
  });
});

describe('windows layer, what it must not destroy', () => {
  const stuck = fail('WINDOWS_BLACK_SCREEN', { seconds: 600 });

  it('does not erase an installed Windows without consent', async () => {
    const { world, provision, recover } = await worker({ installed: true });
    await provision();
    await expect(recover(stuck, 2)).rejects.toMatchObject({
      code: 'WINDOWS_REINSTALL_REFUSED',
      disposition: 'permanent',
    });
    expect(world.calls).not.toContain('erase');
    expect(world.container()?.state).toBe('running');
  });

  it('erases it with consent and installs anew', async () => {
    const { world, provision, recover, check } = await worker({ installed: true, allowReinstall: true });
    await provision();
    expect(await recover(stuck, 2)).toMatchObject({ outcome: 'acted', restarted: 'qemu' });
    expect(world.calls).toContain('erase');
    await provision();
    expect(await check()).toMatchObject({ state: 'ready' });
  });

  it('installs again without asking when no desktop was ever seen', async () => {
    const { world, recover, fault, provision, check } = await worker({ fault: 'windows-install-stalled' });
    await recover(await fault(), 2);
    expect(world.calls).toContain('erase');
    await provision();
    expect(await check()).toMatchObject({ state: 'ready' });
  });

  it('leaves the start after an erasure to the layer below, which notes that it installs', async () => {
    const { world, provision, recover } = await worker({ installed: true, allowReinstall: true });
    await provision();
    await recover(stuck, 2);
    expect(world.calls.slice(world.calls.indexOf('erase'))).toEqual(['erase', 'remove', 'create', 'start']);
  });

  /** A restart in the middle of Windows' set-up, at which it obeyed the power button: dockur then marks the disk. */
  async function markedTooEarly(): Promise<Worker> {
    const made = await worker();
    await expect(made.provision(60_000)).rejects.toMatchObject({ code: 'WINDOWS_INSTALL_TIMEOUT' });
    made.world.storage().write('windows.boot', '');
    return made;
  }

  it('installs again without asking what dockur marked before it was ever ready', async () => {
    const { world, recover, provision, check } = await markedTooEarly();
    expect(await recover(stuck, 2)).toMatchObject({ outcome: 'acted', restarted: 'qemu' });
    expect(world.calls).toContain('erase');
    await provision();
    expect(await check()).toMatchObject({ state: 'ready' });
  });

  it('does not take our note of an installation for leave to erase a Windows that tasks have used', async () => {
    const { world, recover } = await markedTooEarly();
    world.storage().write('.waa-used', '');
    await expect(recover(stuck, 2)).rejects.toMatchObject({ code: 'WINDOWS_REINSTALL_REFUSED' });
    expect(world.calls).not.toContain('erase');
  });

  it('does not erase an installation of its own that was ready once', async () => {
    const { world, provision, check, recover } = await worker();
    await provision();
    expect(await check()).toMatchObject({ state: 'ready' });
    await expect(recover(stuck, 2)).rejects.toMatchObject({ code: 'WINDOWS_REINSTALL_REFUSED' });
    expect(world.calls).not.toContain('erase');
  });

  it("does not restart a container whose unmarked disk may hold somebody's Windows", async () => {
    const { world, provision, recover } = await worker({ installed: true });
    await provision();
    world.storage().remove('windows.boot');
    world.tokens.clear();
    await expect(recover(stuck, 1)).rejects.toMatchObject({ code: 'QEMU_STORAGE_WITHOUT_MARKER' });
    expect(world.container()?.state).toBe('running');
  });

  it('leaves failures of the layers below to them', async () => {
    const { recover } = await worker();
    expect(await recover(fail('QEMU_CONTAINER_KILLED', { exitCode: 137, by: 'SIGKILL' }))).toEqual({
      outcome: 'nothing-to-do',
    });
  });

  it('ends the wait at once when the container dies', async () => {
    const { world, fault } = await worker();
    const failing = fault();
    await world.run(world.engine().killContainer('c1', world.context().deadline));
    expect((await failing).code).toBe('QEMU_CONTAINER_KILLED');
  });

  it('leaves a connection that is gone for longer than a moment to its own layer', async () => {
    const lost = fail('VM_SSH_DROPPED', { host: '203.0.113.9', during: 'a look' });
    const { world, fault } = await worker({ openQmp: () => Promise.reject(lost) });
    const before = world.clock.now();
    expect((await fault()).code).toBe('VM_SSH_DROPPED');
    expect(world.clock.now() - before).toBeLessThan(120_000);
  });
});
