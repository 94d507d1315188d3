import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { packAgent } from '../../../src/benchmark/agent-directory.js';
import type { SshLink } from '../../../src/clients/ssh/ssh.js';
import type { Clock } from '../../../src/clock/clock.js';
import { Deadline } from '../../../src/health/deadline.js';
import { waitFor } from '../../../src/health/wait-for.js';
import {
  createTaskSupervisor,
  type AttemptRef,
  type ScriptRunner,
  type TaskStart,
  type TaskStatus,
} from '../../../src/host/task-supervisor.js';

/** A worker with our scripts and a container, whatever it is made of. */
export interface SupervisorTarget {
  readonly runner: ScriptRunner;
  readonly clock: Clock;
  readonly link: SshLink;
  readonly dataDirectory: string;
  /** Ends the container as `docker kill` does. */
  killContainer(): void;
  /** The next task never ends by itself. Returns the task id to use for it. */
  hangingTask(): string;
  /** Every byte the attempts folder holds, file names included. */
  everything(): Promise<string>;
  /** Removes everything of the target; `attempt` is the one that was used, in the runs r0 and r1. */
  close(attempt: string): Promise<void>;
}

const KEY = 'sk-0123456789';
/** Attempts are told apart by number: two suites may run on one machine at a time. */
let attempts = 0;

/** What task.sh and collect.sh promise, on any worker. */
export function supervisorSuite(setup: () => Promise<SupervisorTarget>): void {
  const withTarget = async (body: (tools: ReturnType<typeof toolsFor>) => Promise<void>): Promise<void> => {
    const target = await setup();
    const attempt = `a${(attempts += 1)}-${process.pid}`;
    try {
      await body(toolsFor(target, attempt));
    } finally {
      await target.close(attempt);
    }
  };

  it('runs a task to its end, detached, and hands its files out', () =>
    withTarget(async ({ begin, settled, supervisor, target, start, deadline }) => {
      // A quick task on a busy machine may be over before the answer is written.
      expect(['running', 'ended']).toContain((await begin()).state);
      expect(await settled()).toMatchObject({ state: 'ended', outcome: 'finished', exitCode: 0 });
      const manifest = await supervisor.manifest(target.link, start, deadline());
      const paths = manifest.map((entry) => entry.path);
      expect(paths).toContain('run.log');
      expect(
        paths.some(
          (path) =>
            path.startsWith('results/pyautogui/a11y_tree/') && path.endsWith(`/clock/${start.taskId}/result.txt`),
        ),
      ).toBe(true);
      expect(manifest.every((entry) => /^[0-9a-f]{64}$/.test(entry.sha256))).toBe(true);
    }));

  it("runs a task with the user's own agent, which is sent once and checked on arrival", () =>
    withTarget(async ({ settled, supervisor, target, start, deadline }) => {
      const own = await mkdtemp(join(tmpdir(), 'waa-agent-'));
      await writeFile(join(own, 'agent.py'), 'class Agent: pass\n');
      const agent = await packAgent(own);
      await rm(own, { recursive: true });
      const place = target.dataDirectory;
      const damaged = { ...agent, tar: agent.tar.subarray(0, -9) };
      const another = { ...agent, tar: gzipSync(Buffer.alloc(1024)) };
      for (const wrong of [damaged, another])
        await expect(supervisor.putAgent(target.link, place, wrong, deadline())).rejects.toMatchObject({
          code: 'CLIENT_AGENT_UPLOAD',
        });
      const launched = { ...start, launch: agent.sha256 };
      await expect(supervisor.start(target.link, launched, deadline())).rejects.toMatchObject({
        code: 'CLIENT_TASK_START_FAILED',
      });
      // Gzipped as another zlib would: it is the same agent.
      await supervisor.putAgent(
        target.link,
        place,
        { ...agent, tar: gzipSync(gunzipSync(agent.tar), { level: 1 }) },
        deadline(),
      );
      await supervisor.putAgent(target.link, place, { ...damaged, sha256: agent.sha256 }, deadline());
      await supervisor.start(target.link, launched, deadline());
      expect(await settled()).toMatchObject({ outcome: 'finished' });
      expect(await target.everything()).toContain(`waa: agent ${agent.sha256}\n`);
    }));

  it('does not start an attempt twice', () =>
    withTarget(async ({ begin, settled }) => {
      const first = await begin();
      expect((await begin()).startedS).toBe(first.startedS);
      const end = await settled();
      expect(await begin()).toMatchObject({ state: 'ended', endedS: end.endedS });
    }));

  it('ends what another run left in the container before it starts', () =>
    withTarget(async ({ begin, reaches, supervisor, target, start, deadline }) => {
      const left = { ...start, run: 'r0' };
      await begin({ ...left, taskId: target.hangingTask() });
      await reaches(({ lastLine }) => lastLine !== '', left);
      expect(['running', 'ended']).toContain((await begin()).state);
      expect(await supervisor.status(target.link, left, deadline())).toMatchObject({
        state: 'ended',
        outcome: 'stopped',
      });
    }));

  it("keeps the files of one run's attempt out of another's of the same name", () =>
    withTarget(async ({ begin, reaches, settled, supervisor, target, start, deadline }) => {
      const before = { ...start, run: 'r0' };
      await begin(before);
      await reaches(({ state }) => state === 'ended', before);
      await begin({ taskId: target.hangingTask() });
      await supervisor.stop(target.link, start, deadline());
      await settled();
      const paths = (await supervisor.manifest(target.link, start, deadline())).map((entry) => entry.path);
      expect(paths.filter((path) => path.endsWith('result.txt'))).toEqual([]);
    }));

  it('answers two requests for one start alike', () =>
    withTarget(async ({ begin, settled, supervisor, target, start, deadline }) => {
      const taskId = target.hangingTask();
      const answers = await Promise.all([begin({ taskId }), begin({ taskId })]);
      expect(answers).toMatchObject([{ state: 'running' }, { state: 'running' }]);
      await supervisor.stop(target.link, start, deadline());
      expect(await settled()).toMatchObject({ outcome: 'stopped' });
    }));

  it('tells what it does not have from what runs', () =>
    withTarget(async ({ supervisor, target, start, deadline }) => {
      expect(await supervisor.status(target.link, start, deadline())).toMatchObject({
        state: 'absent',
        outcome: null,
        step: 0,
      });
      await expect(supervisor.manifest(target.link, start, deadline())).rejects.toMatchObject({
        code: 'CLIENT_RESULTS_CORRUPT',
      });
    }));

  it('ends a task that never ends at its limit', () =>
    withTarget(async ({ begin, settled, target }) => {
      await begin({ taskId: target.hangingTask(), limitS: 4 });
      expect(await settled()).toMatchObject({ outcome: 'timeout' });
    }));

  it('ends a task on request, and hands nothing out before it has ended', () =>
    withTarget(async ({ begin, settled, target, supervisor, deadline, start }) => {
      await begin({ taskId: target.hangingTask() });
      await expect(supervisor.manifest(target.link, start, deadline())).rejects.toMatchObject({
        code: 'CLIENT_RESULTS_CORRUPT',
      });
      expect(await supervisor.status(target.link, start, deadline(), 1)).toMatchObject({ state: 'running' });
      await supervisor.stop(target.link, start, deadline());
      expect(await settled()).toMatchObject({ outcome: 'stopped' });
    }));

  it('sees that the container died', () =>
    withTarget(async ({ begin, settled, target }) => {
      await begin({ taskId: target.hangingTask() });
      target.killContainer();
      expect(await settled()).toMatchObject({ outcome: 'container-died' });
    }));

  it('starts nothing without a container, and leaves no trace of the try', () =>
    withTarget(async ({ begin, target, supervisor, start, deadline }) => {
      target.killContainer();
      await expect(begin()).rejects.toMatchObject({ code: 'CLIENT_TASK_START_FAILED' });
      expect(await supervisor.status(target.link, start, deadline())).toMatchObject({ state: 'absent' });
    }));

  it('removes an attempt, twice if asked', () =>
    withTarget(async ({ begin, settled, target, supervisor, start, deadline }) => {
      await begin();
      await settled();
      await supervisor.remove(target.link, start, deadline());
      await supervisor.remove(target.link, start, deadline());
      expect(await supervisor.status(target.link, start, deadline())).toMatchObject({ state: 'absent' });
    }));

  it('keeps the key out of every file', () =>
    withTarget(async ({ begin, settled, target }) => {
      await begin();
      await settled();
      expect(await target.everything()).not.toContain(KEY);
    }));

  it('makes the place for results and says what it is', () =>
    withTarget(async ({ target, supervisor, deadline }) => {
      expect(await supervisor.ready(target.link, target.dataDirectory, deadline())).toMatchObject({ missing: true });
      await supervisor.prepare(target.link, target.dataDirectory, deadline());
      const place = await supervisor.ready(target.link, target.dataDirectory, deadline());
      expect(place).toMatchObject({ missing: false, writable: true });
      expect(place.freeBytes).toBeGreaterThan(0);
    }));

  it.each([
    ['a path', { attempt: '../../etc' }],
    ['a command', { domain: 'a;reboot' }],
    ['an option', { container: '--privileged' }],
    ['nothing', { taskId: '' }],
    ['a limit that is no number', { limitS: Number.NaN }],
  ])('refuses %s where a name belongs', (_what, overrides) =>
    withTarget(async ({ begin }) => {
      await expect(begin(overrides)).rejects.toMatchObject({ code: 'CLIENT_TASK_START_FAILED' });
    }),
  );
}

/** One attempt on a worker, by the supervisor's own calls. */
export function toolsFor(target: SupervisorTarget, attempt: string) {
  const supervisor = createTaskSupervisor(target.runner);
  const start: TaskStart = {
    dataDirectory: target.dataDirectory,
    run: 'r1',
    attempt,
    container: 'winarena',
    domain: 'clock',
    taskId: 'x-WOS',
    limitS: 7200,
    runPyArgs: ['--model', 'm', '--max_steps', '15'],
    secretEnv: { OPENAI_API_KEY: KEY },
  };
  const deadline = (): Deadline => Deadline.after(30_000, target.clock);
  const reaches = (isThere: (status: TaskStatus) => boolean, attempted: AttemptRef = start): Promise<TaskStatus> =>
    waitFor<TaskStatus>(
      async (own) => {
        const status = await supervisor.status(target.link, attempted, own);
        return isThere(status)
          ? { ok: true, value: status }
          : { ok: false, saw: `${status.state}, step ${status.step}` };
      },
      {
        what: 'the attempt',
        clock: target.clock,
        deadline: Deadline.after(900_000, target.clock),
        everyMs: 500,
        attemptTimeoutMs: 30_000,
      },
    );
  return {
    target,
    supervisor,
    start,
    deadline,
    begin: (overrides: Partial<TaskStart> = {}): Promise<TaskStatus> =>
      supervisor.start(target.link, { ...start, ...overrides }, deadline()),
    reaches,
    /** Its end, in one answer. */
    async settled(): Promise<TaskStatus> {
      const status = await supervisor.status(target.link, start, Deadline.after(900_000, target.clock), 900);
      expect(status.state).toBe('ended');
      return status;
    },
  };
}
