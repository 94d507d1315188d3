import { spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { SshLink } from '../../../src/clients/ssh/ssh.js';
import { realClock } from '../../../src/clock/real-clock.js';
import type { ScriptRunner } from '../../../src/host/task-supervisor.js';
import { supervisorSuite, toolsFor, type SupervisorTarget } from './suite.js';

const scripts = fileURLToPath(new URL('../../../src/host/scripts/', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));

/** task.sh and collect.sh themselves under `shell`, on this machine, with a stand-in for the docker command. */
async function setup(shell: string): Promise<SupervisorTarget> {
  const root = await mkdtemp(join(tmpdir(), 'waa-task-'));
  const place = async (from: string, to: string): Promise<void> => {
    await copyFile(join(here, from), join(root, to));
    await chmod(join(root, to), 0o755);
  };
  for (const directory of ['data', 'host', 'host-bin', 'bin', 'client']) await mkdir(join(root, directory));
  await place('docker-standin.sh', 'host-bin/docker');
  await place('python-standin.sh', 'bin/python');
  for (const name of ['lib.sh', 'task.sh', 'collect.sh', 'agent.sh'])
    await copyFile(join(scripts, name), join(root, 'host', name));
  const identity = join(root, 'identity');
  writeFileSync(identity, 'true c1 2026-01-01T00:00:00Z\n');
  const env = { ...process.env, PATH: `${join(root, 'host-bin')}:${process.env['PATH'] ?? ''}`, STANDIN: root };

  const runner: ScriptRunner = {
    run: (_link, script, args, options) =>
      new Promise((resolve, reject) => {
        const child = spawn(shell, [join(root, 'host', `${script}.sh`), ...args], {
          env,
          stdio: ['pipe', 'pipe', 'pipe'],
        });
        const out: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
        for (const name of ['stdout', 'stderr'] as const)
          child[name].on('data', (chunk: Buffer) => (out[name] += chunk.toString()));
        child.on('error', reject);
        child.on('close', (code) => {
          resolve({ exitCode: code ?? 255, ...out });
        });
        child.stdin.on('error', () => undefined);
        child.stdin.end(options.stdin ?? '');
      }),
    stream: () => Promise.reject(new Error('not used here')),
  };
  return {
    runner,
    clock: realClock,
    link: { address: { host: 'here' } } as SshLink,
    dataDirectory: join(root, 'data'),
    killContainer: () => {
      writeFileSync(identity, 'false c1 2026-01-01T00:00:00Z\n');
    },
    hangingTask: () => 'x-hang',
    async everything() {
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      const texts = entries
        .filter((entry) => entry.isFile())
        .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1'));
      return (await Promise.all(texts)).join('\n');
    },
    async close(attempt) {
      await rm(root, { recursive: true, force: true, maxRetries: 5 });
      for (const run of ['r0', 'r1'])
        await rm(`/tmp/waa-attempts/${run}/${attempt}`, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

it.concurrent('keeps so much of what run.py prints and no more', async () => {
  const target = await setup('sh');
  try {
    const { begin, settled, supervisor, start, deadline } = toolsFor(target, `loud-${process.pid}`);
    await begin({ taskId: 'x-loud' });
    expect(await settled()).toMatchObject({ outcome: 'finished', exitCode: 0 });
    const manifest = await supervisor.manifest(target.link, start, deadline());
    expect(manifest.find(({ path }) => path === 'run.log')?.sizeBytes).toBe(64 * 1024 * 1024);
  } finally {
    await target.close(`loud-${process.pid}`);
  }
});

it.concurrent('does not end the task of another run while somebody follows it', async () => {
  const target = await setup('dash');
  try {
    const { begin, supervisor, start, deadline, target: on } = toolsFor(target, `followed-${process.pid}`);
    const other = { ...start, run: 'r0' };
    const places = (watched: boolean) => [{ run: 'r0', attempts: 1, watched }];
    await begin({ ...other, taskId: target.hangingTask() });
    expect(await supervisor.runs(on.link, start.dataDirectory, deadline())).toEqual(places(false));
    const over = new AbortController();
    const follower = (async () => {
      while (!over.signal.aborted) await supervisor.status(on.link, other, deadline(), 1);
    })();
    await expect(begin()).rejects.toMatchObject({
      code: 'CLIENT_TASK_START_FAILED',
      params: { detail: expect.stringContaining('is followed') as unknown },
    });
    expect(await supervisor.runs(on.link, start.dataDirectory, deadline())).toEqual(places(true));
    over.abort();
    await follower;
    await supervisor.stop(on.link, other, deadline());
  } finally {
    await target.close(`followed-${process.pid}`);
  }
});

describe.concurrent.each(['dash', 'bash'])('task.sh under %s', (shell) => {
  supervisorSuite(() => setup(shell));
});
