import { describe, expect, it } from 'vitest';
import { cleanSlate, type CleanSlate } from '../../../src/benchmark/isolation.js';
import type { WorkerJob } from '../../../src/benchmark/run-settings.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { configSchema } from '../../../src/config/schema.js';
import { fail, type WaaError } from '../../../src/failures/waa-error.js';
import { retryPolicies } from '../../../src/retry/policies.js';
import { createRetrier } from '../../../src/retry/retry.js';
import type { ClientOutput } from '../../../src/layers/io.js';

const task = { domain: 'clock', id: 'x-WOS', feasible: true };
const lease = { task: 'clock/x-WOS', attempt: 1, worker: 'w0', begunAt: 0, again: false };
const ready = { dataDirectory: '/data', guestIp: 'old' } as ClientOutput;

interface Setting {
  readonly done: string[];
  readonly events: string[];
  run(again?: boolean): Promise<CleanSlate>;
}

/** A worker that takes 30 s to reset, 60 s to prove, and fails its resets with `faults` in order. */
function setting(
  mode: string,
  state: 'absent' | 'running' = 'absent',
  faults: WaaError[] = [],
  silences: WaaError[] = [],
): Setting {
  const clock = createManualClock();
  const done: string[] = [];
  const events: string[] = [];
  const settings = {
    clock,
    runId: 'r',
    config: configSchema.parse({ benchmark: { reset: mode } }),
    emit: (type: string) => events.push(type),
    signal: new AbortController().signal,
    retry: createRetrier({ clock, policies: retryPolicies, emit: () => undefined, random: () => 0 }),
    supervisor: {
      status: () => {
        const fault = silences.shift();
        return fault ? Promise.reject(fault) : Promise.resolve({ state });
      },
    },
  };
  const worker = {
    name: 'w0',
    link: () => Promise.resolve({}),
    async reset(given: string) {
      done.push(`reset ${given}`);
      await clock.sleep(30_000);
      const fault = faults.shift();
      if (fault) throw fault;
    },
  };
  const job = { settings, worker } as unknown as WorkerJob;
  const prove = async (): Promise<ClientOutput> => {
    done.push('prove');
    await clock.sleep(60_000);
    return { ...ready, guestIp: 'new' };
  };
  return {
    done,
    events,
    run: (again = false) => clock.runUntil(cleanSlate(job, task as never, { ...lease, again }, ready, prove)),
  };
}

const lost = (): WaaError => fail('SERVER_NOT_LISTENING', { call: 'POST /setup/close_all' });

describe('before an attempt', () => {
  it('Windows is reset, proven and the time told', async () => {
    const { done, events, run } = setting('guest');
    expect(await run()).toMatchObject({ resetMs: 90_000, ready: { guestIp: 'new' } });
    expect(done).toEqual(['reset guest', 'prove']);
    expect(events).toContain('task.reset');
  });

  it('nothing happens without a mode', async () => {
    const { done, run } = setting('none');
    expect(await run()).toEqual({ ready, resetMs: undefined });
    expect(done).toEqual([]);
  });

  it('an attempt that runs on the worker already is left alone', async () => {
    const { done, run } = setting('guest', 'running');
    expect((await run(true)).resetMs).toBeUndefined();
    expect(done).toEqual([]);
  });

  it('a worker that is asked what runs there may drop the connection', async () => {
    const dropped = fail('VM_SSH_DROPPED', { host: 'vm0', during: 'task' });
    const { done, run } = setting('guest', 'running', [], [dropped, dropped]);
    expect((await run(true)).resetMs).toBeUndefined();
    expect(done).toEqual([]);
  });

  it('an attempt that was leased but never begun is not', async () => {
    const { done, run } = setting('guest', 'absent');
    await run(true);
    expect(done).toEqual(['reset guest', 'prove']);
  });

  it('a reset that failed is tried once more after a repair', async () => {
    const { done, run } = setting('close-all', 'absent', [lost()]);
    expect(await run()).toMatchObject({ resetMs: 180_000 });
    expect(done).toEqual(['reset close-all', 'prove', 'reset close-all', 'prove']);
  });

  it('a second failure is raised', async () => {
    await expect(setting('close-all', 'absent', [lost(), lost()]).run()).rejects.toMatchObject({
      code: 'SERVER_NOT_LISTENING',
    });
  });

  it('what can never work is raised at once', async () => {
    const never = fail('WINDOWS_RESET_IMPOSSIBLE', { worker: 'w0', mode: 'golden', reason: 'no room' });
    const { done, run } = setting('golden', 'absent', [never]);
    await expect(run()).rejects.toBe(never);
    expect(done).toEqual(['reset golden']);
  });
});
