import { describe, expect, it } from 'vitest';
import type { DockerEngine } from '../../../src/clients/docker-engine/docker-engine.js';
import type { GuestExecResult, WaaServer } from '../../../src/clients/waa-server/waa-server.js';
import { createManualClock, type ManualClock } from '../../../src/clock/manual-clock.js';
import { fail } from '../../../src/failures/waa-error.js';
import type { WindowsOutput } from '../../../src/layers/io.js';
import { createServerLayer } from '../../../src/layers/server/index.js';
import type { ServerLayerDependencies } from '../../../src/layers/server/deps.js';
import { layerContext } from '../../helpers/layer-context.js';

const input = { containerId: 'c1', containerStartedAt: 't1', diskBoots: 1 } as WindowsOutput;
const timeouts = { checkMs: 180_000, provisionMs: 900_000, recoverMs: 300_000 };
const notListening = (): Promise<never> => Promise.reject(fail('SERVER_NOT_LISTENING', { call: 'GET /probe' }));

interface Setup {
  readonly clock: ManualClock;
  readonly dependencies: { -readonly [K in keyof ServerLayerDependencies]: ServerLayerDependencies[K] };
  readonly server: { -readonly [K in keyof WaaServer]: WaaServer[K] };
  readonly did: string[];
  written: number;
  curl: { exitCode: number; stdout: string; stderr: string };
  powershell: (script: string) => GuestExecResult;
  black: boolean;
}

function setup(
  needs: ServerLayerDependencies['needs'] = { apps: { vlc: 2, chrome: 3, clock: 1 }, internet: true },
): Setup {
  const did: string[] = [];
  const state: Setup = {
    clock: createManualClock(),
    did,
    written: 0,
    black: false,
    curl: { exitCode: 0, stdout: '', stderr: '' },
    powershell: (script) => ({
      output: script.includes('Test-Path') ? 'True\r\n'.repeat(script.split('Test-Path').length - 1) : '200\r\n',
      error: '',
      returnCode: 0,
    }),
    server: {
      probe: () => Promise.resolve(),
      execute(command) {
        did.push(command[0] ?? '');
        if (command[0] === 'powershell') return Promise.resolve(state.powershell(command.at(-1) ?? ''));
        return Promise.resolve({ output: '1\r\n', error: '', returnCode: 0 });
      },
      screenshot: () => Promise.resolve(new Uint8Array([1])),
      accessibilityTree: () => Promise.resolve('<desktop><pane name="Taskbar"/></desktop>'),
      screenSize: () => Promise.resolve({ width: 1440, height: 900 }),
      closeAll: () => Promise.resolve(),
      clearTaskFiles: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    },
    get dependencies() {
      return dependencies;
    },
  };
  const docker = {
    exec: () => Promise.resolve(state.curl),
    inspectContainer: () => Promise.resolve({ state: 'exited' }),
    stopContainer: (_id: string, timeoutS: number) => Promise.resolve(void did.push(`stop ${timeoutS}`)),
    startContainer: () => Promise.resolve(void did.push('start')),
  } as unknown as DockerEngine;
  const dependencies: Setup['dependencies'] = {
    timeouts,
    needs,
    server: () => state.server,
    docker: () => docker,
    isBlack: () => state.black,
    resetGuest: () => Promise.resolve(void did.push('reset')),
    writtenBytes: () => Promise.resolve(state.written),
  };
  return state;
}

const check = (state: Setup, attempt = 0): ReturnType<ReturnType<typeof createServerLayer>['check']> =>
  createServerLayer(state.dependencies).check(layerContext(state.clock, timeouts.checkMs, attempt), input);

describe('the check of the server layer', () => {
  it('is ready when every rung holds, with the identity of the start of Windows', async () => {
    expect(await check(setup())).toMatchObject({
      state: 'ready',
      identity: 'c1@t1#1',
      output: { apps: ['vlc', 'chrome', 'clock'] },
    });
  });

  it('is absent while nothing listens', async () => {
    const state = setup();
    state.server.probe = notListening;
    expect(await check(state)).toMatchObject({ state: 'absent' });
  });

  it.each<[string, (state: Setup) => void, string]>([
    [
      'a command fails although the server says success',
      (state) => (state.server.execute = () => Promise.resolve({ output: '', error: 'no module', returnCode: 1 })),
      'SERVER_EXECUTE_FAILED',
    ],
    ['the screen is black', (state) => (state.black = true), 'SERVER_BLACK_SCREEN'],
    [
      'the tree is empty',
      (state) => (state.server.accessibilityTree = () => Promise.resolve('<desktop xmlns="x"/>')),
      'SERVER_NO_ACCESSIBILITY',
    ],
    [
      'the tree has a root only',
      (state) => (state.server.accessibilityTree = () => Promise.resolve('<?xml version="1.0"?><desktop></desktop>')),
      'SERVER_NO_ACCESSIBILITY',
    ],
    [
      'calls answer 500',
      (state) =>
        (state.server.screenshot = () =>
          Promise.reject(fail('SERVER_ERROR', { call: 'x', status: 500, message: 'm' }))),
      'SERVER_ERROR',
    ],
    [
      'the container has no internet',
      (state) => (state.curl = { exitCode: 6, stdout: '', stderr: 'curl: (6) Could not resolve host' }),
      'SERVER_NO_INTERNET',
    ],
    [
      'Windows has no internet',
      (state) =>
        (state.powershell = (script) =>
          script.includes('Invoke')
            ? { output: '', error: 'could not be resolved', returnCode: 1 }
            : { output: 'True\r\nTrue\r\nTrue\r\n', error: '', returnCode: 0 }),
      'SERVER_NO_INTERNET',
    ],
  ])('is unhealthy when %s', async (_name, spoil, code) => {
    const state = setup();
    spoil(state);
    expect(await check(state)).toMatchObject({ state: 'unhealthy', fault: { code } });
  });

  it('names the missing app and how many tasks need it', async () => {
    const state = setup();
    state.powershell = (script) =>
      script.includes('Test-Path')
        ? { output: 'False\r\nTrue\r\nTrue\r\n', error: '', returnCode: 0 }
        : { output: '200', error: '', returnCode: 0 };
    expect(await check(state)).toMatchObject({
      state: 'unhealthy',
      fault: { code: 'SERVER_APPS_MISSING', params: { apps: 'vlc', tasks: 2 } },
    });
  });

  it('is in progress while it does not answer well after its own recovery, unless that can never pass', async () => {
    const state = setup();
    state.black = true;
    expect(await check(state, 1)).toMatchObject({ state: 'in-progress' });
    state.black = false;
    state.powershell = () => ({ output: 'False\r\nFalse\r\nFalse\r\n', error: '', returnCode: 0 });
    expect(await check(state, 1)).toMatchObject({ state: 'unhealthy', fault: { code: 'SERVER_APPS_MISSING' } });
  });

  it('does not ask for an internet that no task needs', async () => {
    const state = setup({ apps: { clock: 1 }, internet: false });
    state.curl = { exitCode: 6, stdout: '', stderr: '' };
    expect(await check(state)).toMatchObject({ state: 'ready' });
    expect(state.did).not.toContain('powershell');
  });

  it('is unknown when the way to the worker is broken', async () => {
    const state = setup();
    state.server.probe = () => Promise.reject(fail('VM_SSH_DROPPED', { host: 'h', during: 'x' }));
    expect(await check(state)).toMatchObject({ state: 'unknown', fault: { code: 'VM_SSH_DROPPED' } });
  });
});

describe('the set-up of the server layer', () => {
  const provision = (state: Setup, readyAs?: string, attempt = 0): Promise<void> => {
    const layer = createServerLayer(state.dependencies);
    const ctx = layerContext(state.clock, timeouts.provisionMs, attempt);
    const memory = { ...ctx.memory, readyAs: () => readyAs };
    return state.clock.runUntil(layer.provision({ ...ctx, memory }, input, { state: 'absent' }));
  };

  it('waits until the server is there', async () => {
    const state = setup();
    state.server.probe = notListening;
    state.clock.schedule(100_000, () => (state.server.probe = () => Promise.resolve()));
    await provision(state);
  });

  it('names a server that never comes within five minutes', async () => {
    const state = setup();
    const before = state.clock.now();
    state.server.probe = notListening;
    await expect(provision(state)).rejects.toMatchObject({ code: 'SERVER_NOT_LISTENING' });
    expect(state.clock.now() - before).toBeLessThanOrEqual(300_000);
  });

  it.each([
    ['gives up sooner on a server that was ready in this start of Windows', 'c1@t1#1', 0, 20_000],
    ['waits for the first answer after a restart of Windows', 'c1@t1#0', 0, 240_000],
    ['waits for the server that its own recovery started', 'c1@t1#1', 1, 240_000],
  ])('%s', async (_name, readyAs, attempt, stallMs) => {
    const state = setup();
    const before = state.clock.now();
    state.server.probe = notListening;
    await expect(provision(state, readyAs, attempt)).rejects.toMatchObject({ code: 'SERVER_NOT_LISTENING' });
    expect(state.clock.now() - before).toBe(stallMs);
  });

  it('waits on while Windows still installs', async () => {
    const state = setup();
    state.server.probe = notListening;
    const write = (): void => {
      state.written += 500 * 1024 * 1024;
      state.clock.schedule(60_000, write);
    };
    write();
    await expect(provision(state)).rejects.toMatchObject({ code: 'SERVER_START_TIMEOUT', params: { seconds: 900 } });
  });

  it('leaves a QEMU that cannot be asked for a minute to its layer', async () => {
    const state = setup();
    const before = state.clock.now();
    state.server.probe = notListening;
    state.dependencies.writtenBytes = () => Promise.reject(fail('VM_FORWARD_REFUSED', { host: 'vm0', target: 'qmp' }));
    await expect(provision(state)).rejects.toMatchObject({ code: 'VM_FORWARD_REFUSED' });
    expect(state.clock.now() - before).toBe(60_000);
  });

  it('does not take what Windows at rest writes for an installation', async () => {
    const state = setup();
    const before = state.clock.now();
    state.server.probe = notListening;
    const write = (): void => {
      state.written += 2 * 1024 * 1024;
      state.clock.schedule(20_000, write);
    };
    state.written = 61 * 1024 * 1024;
    write();
    await expect(provision(state)).rejects.toMatchObject({ code: 'SERVER_NOT_LISTENING' });
    expect(state.clock.now() - before).toBe(240_000);
  });

  it('does not wait long for a server that answers and is broken', async () => {
    const state = setup();
    const before = state.clock.now();
    state.black = true;
    await expect(provision(state)).rejects.toMatchObject({ code: 'SERVER_BLACK_SCREEN' });
    expect(state.clock.now() - before).toBeLessThan(120_000);
  });

  it('stops at once for what waiting cannot mend', async () => {
    const state = setup();
    const before = state.clock.now();
    state.powershell = () => ({ output: 'False\r\nFalse\r\nFalse\r\n', error: '', returnCode: 0 });
    await expect(provision(state)).rejects.toMatchObject({ code: 'SERVER_APPS_MISSING' });
    expect(state.clock.now()).toBe(before);
  });
});

describe('the recovery of the server layer', () => {
  const recover = (
    state: Setup,
    attempt: number,
    fault = fail('SERVER_BLACK_SCREEN', {}),
  ): ReturnType<ReturnType<typeof createServerLayer>['recover']> =>
    createServerLayer(state.dependencies).recover(layerContext(state.clock, timeouts.recoverMs, attempt), input, fault);

  it('restarts the scheduled task while the server obeys', async () => {
    const state = setup();
    expect(await recover(state, 0)).toMatchObject({ outcome: 'acted' });
    expect(state.did).toEqual(['cmd']);
  });

  it('resets Windows at once when the server does not answer', async () => {
    const state = setup();
    // The reset is the second rung: what comes next is the third, and not the reset once more.
    expect(await recover(state, 0, fail('SERVER_NOT_LISTENING', { call: 'x' }))).toMatchObject({ rungs: 2 });
    expect(state.did).toEqual(['reset']);
  });

  it('resets Windows when the server refuses to restart', async () => {
    const state = setup();
    state.server.execute = () => Promise.reject(fail('SERVER_ERROR', { call: 'x', status: 500, message: 'm' }));
    await recover(state, 0);
    expect(state.did).toEqual(['reset']);
  });

  it('leaves faults of other layers to them', async () => {
    const state = setup();
    const dropped = fail('VM_SSH_DROPPED', { host: '203.0.113.1', during: 'a command' });
    for (const attempt of [0, 1, 2, 3])
      expect(await recover(state, attempt, dropped)).toEqual({ outcome: 'nothing-to-do' });
    expect(state.did).toEqual([]);
  });

  it('then resets Windows, then restarts the container with time to shut down, then gives up', async () => {
    const state = setup();
    await recover(state, 1);
    await recover(state, 2);
    expect(state.did).toEqual(['reset', 'stop 120', 'start']);
    expect(await recover(state, 3)).toMatchObject({ outcome: 'give-up' });
  });
});
