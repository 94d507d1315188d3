import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const DOCKERD = '/usr/sbin/dockerd';
const isRoot = userInfo().uid === 0;

/** Why no real Docker daemon can be started here, or undefined when one can. */
export const whyNoDockerd: string | undefined = !existsSync(DOCKERD)
  ? `${DOCKERD} is not installed`
  : isRoot
    ? undefined
    : 'dockerd needs root';

export interface RealDocker {
  readonly socket: string;
  /** An image of one file that does nothing: enough to be found. It names no program, so
   * that waa's own container is refused at once. */
  readonly image: string;
  docker(...args: readonly string[]): Promise<string>;
  dispose(): Promise<void>;
}

/** A Docker daemon with a data-root and a socket of its own; no bridge and no iptables, so nothing of the machine changes. */
export async function startDockerd(): Promise<RealDocker> {
  const directory = await mkdtemp(join(tmpdir(), 'waa-dockerd-'));
  const socket = join(directory, 'docker.sock');
  const flags = [
    ...['--data-root', join(directory, 'root'), '--exec-root', join(directory, 'exec')],
    ...['--pidfile', join(directory, 'pid'), '--host', `unix://${socket}`],
    ...['--iptables=false', '--ip6tables=false', '--bridge=none', '--storage-driver', 'vfs'],
  ];
  const child = spawn(DOCKERD, flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString('utf8');
      if (log.includes('API listen on')) resolve();
    });
    child.once('error', reject);
    void ended.then(() => reject(new Error(`dockerd did not start: ${log.slice(-2000)}`)));
  });
  const docker = async (...args: readonly string[]): Promise<string> =>
    (await run('docker', ['--host', `unix://${socket}`, ...args])).stdout.trim();
  const image = 'waa/stand-in:1';
  const root = join(directory, 'image');
  await mkdir(join(root, 'bin'), { recursive: true });
  await cp('/bin/true', join(root, 'bin', 'true'));
  await run('tar', ['-C', root, '-cf', join(directory, 'image.tar'), '.']);
  await docker('import', join(directory, 'image.tar'), image);
  return {
    socket,
    image,
    docker,
    async dispose() {
      child.kill('SIGTERM');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
