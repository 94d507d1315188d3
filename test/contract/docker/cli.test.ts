import { execFile, spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startLabDaemon, type LabDaemon } from './lab-daemon.js';

const hasClient = spawnSync('docker', ['--version']).status === 0;

/** The docker client as people have it, unmodified, against the lab's daemon. Skipped where there is no client. */
describe.skipIf(!hasClient)('the docker client at the lab', () => {
  let daemon: LabDaemon;
  beforeEach(async () => {
    daemon = await startLabDaemon();
  });
  afterEach(async () => {
    await daemon[Symbol.asyncDispose]();
  });
  const docker = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      execFile('docker', ['-H', `unix://${daemon.socketPath}`, ...args], (error, out, err) => {
        resolve({ code: error ? Number(error.code) : 0, out, err });
      });
    });

  it('negotiates the version', async () => {
    expect((await docker('version', '--format', '{{.Server.APIVersion}} {{.Client.APIVersion}}')).out).toMatch(
      /^1\.47 1\.\d+\n$/,
    );
  });

  it('pulls, runs and removes', async () => {
    expect((await docker('run', '--rm', 'ubuntu:24.04', 'echo', 'hello')).out).toBe('hello\n');
    expect((await docker('ps', '-aq')).out).toBe('');
    expect((await docker('images', '--format', '{{.Repository}}:{{.Tag}}')).out).toBe('ubuntu:24.04\n');
  });

  it('passes the exit code of a container on', async () => {
    await docker('pull', '-q', 'ubuntu:24.04');
    expect((await docker('run', '--rm', 'ubuntu:24.04', 'false')).code).toBe(1);
  });

  it('runs a container in the background, looks at it, executes in it, stops it', async () => {
    await docker('pull', '-q', 'ubuntu:24.04');
    const started = await docker(
      'run',
      '-d',
      '--name',
      'winarena',
      '--device',
      '/dev/kvm',
      '--cap-add',
      'NET_ADMIN',
      '--stop-timeout',
      '1',
      '-p',
      '127.0.0.1:5000:5000',
      '-v',
      '/data/waa/storage:/storage',
      'ubuntu:24.04',
      'sleep',
      'infinity',
    );
    expect(started).toMatchObject({ code: 0, out: expect.stringMatching(/^[0-9a-f]{64}\n$/) as string });
    expect((await docker('exec', 'winarena', 'echo', 'inside')).out).toBe('inside\n');
    expect((await docker('exec', 'winarena', 'false')).code).toBe(1);
    expect((await docker('ps', '--format', '{{.Names}} {{.Ports}}')).out).toBe('winarena 127.0.0.1:5000->5000/tcp\n');
    expect((await docker('stop', 'winarena')).code).toBe(0);
    expect((await docker('inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', 'winarena')).out).toBe(
      'exited 137\n',
    );
  });

  it('shows the real words of a refusal', async () => {
    const { code, err } = await docker('run', '-d', '--device', '/dev/vhost-net', '--name', 'winarena', 'ubuntu:24.04');
    expect(code).toBe(127); // The client's own choice for words that end like this.
    expect(err).toContain(
      'Error response from daemon: error gathering device information while adding custom device "/dev/vhost-net": no such file or directory',
    );
  });

  it('prunes', async () => {
    await docker('pull', '-q', 'ubuntu:24.04');
    expect((await docker('system', 'prune', '-af')).out).toContain('Total reclaimed space: 66.9');
  });
});
