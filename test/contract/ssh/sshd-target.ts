import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { realDial } from '../../../src/clients/ssh/dial.js';
import { ensureKeyPair, readPublicKey } from '../../../src/clients/ssh/keys.js';
import type { SshTarget } from './target.js';

const SSHD = '/usr/sbin/sshd';

/** Why the real sshd cannot be used here, or undefined when it can. */
export const whyNoSshd: string | undefined = existsSync(SSHD) ? undefined : `${SSHD} is not installed`;

/** A real OpenSSH server on a free loopback port, run in the foreground by the current user, for that user only. */
export async function startSshdTarget(): Promise<SshTarget> {
  const directory = await mkdtemp(join(tmpdir(), 'waa-sshd-'));
  const privateKeyPath = join(directory, 'id_ed25519');
  const authorizedKeys = join(directory, 'authorized_keys');
  const pongSocket = join(directory, 'pong.sock');
  await ensureKeyPair(privateKeyPath);
  await writeFile(authorizedKeys, `${await readPublicKey(privateKeyPath)}\n`, { mode: 0o600 });
  const pongUnix = await listen(pong(), pongSocket);
  const pongTcp = await listen(pong(), 0);
  const port = await freePort();
  let generation = 0;
  let stop: () => Promise<void> = async () => undefined;

  const start = async (): Promise<void> => {
    const hostKey = join(directory, `host_key_${generation}`);
    if (!existsSync(hostKey)) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey]);
    const config = join(directory, 'sshd_config');
    const lines = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${authorizedKeys}`,
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
      'StrictModes no',
      'UsePAM no',
      `PidFile ${join(directory, 'sshd.pid')}`,
    ];
    await writeFile(config, `${lines.join('\n')}\n`);
    if (userInfo().uid === 0) execFileSync('mkdir', ['-p', '/run/sshd']);
    const child = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        log += chunk.toString('utf8');
        if (log.includes('Server listening on')) resolve();
      });
      child.once('exit', () => {
        reject(new Error(`sshd did not start: ${log}`));
      });
    });
    stop = () =>
      new Promise((resolve) => {
        child.removeAllListeners('exit');
        child.once('exit', () => {
          resolve();
        });
        for (const pid of child.pid === undefined ? [] : familyOf(child.pid)) kill(pid);
        stop = async () => undefined;
      });
  };
  await start();
  return {
    address: { host: '127.0.0.1', port, user: userInfo().username },
    dial: realDial,
    privateKeyPath,
    directory,
    pongSocket,
    pongPort: (pongTcp.address() as AddressInfo).port,
    async changeHostKey() {
      generation += 1;
      await stop();
      await start();
    },
    async dropConnections() {
      await stop();
      await start();
    },
    stop: () => stop(),
    async dispose() {
      await stop();
      pongUnix.close();
      pongTcp.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A process and all it forked; each connection of sshd is a process of its own session. */
function familyOf(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(familyOf)];
}

function childrenOf(pid: number): readonly number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children.trim().split(/\s+/).filter(Boolean).map(Number);
  } catch (error) {
    if (hasEnded(error)) return [];
    throw error;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!hasEnded(error)) throw error;
  }
}

/** A process may end between two looks at it: its folder is gone, or, while it is read, the process. */
function hasEnded(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ESRCH';
}

function pong(): Server {
  return createServer({ allowHalfOpen: true }, (socket: Socket) => {
    socket.once('data', () => socket.end('pong'));
    socket.on('error', () => undefined);
  });
}

function listen(server: Server, where: string | number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const ready = (): void => {
      resolve(server);
    };
    if (typeof where === 'string') server.listen(where, ready);
    else server.listen(where, '127.0.0.1', ready);
  });
}

async function freePort(): Promise<number> {
  const server = await listen(createServer(), 0);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
