import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
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

/**
 * Real OpenSSH on a free loopback port, run by the current user, for that user only. As under inetd each connection has an
 * sshd of its own: the port is listened on here from first to last, so that nobody can take it before sshd does.
 */
export async function startSshdTarget(): Promise<SshTarget> {
  const directory = await mkdtemp(join(tmpdir(), 'waa-sshd-'));
  const privateKeyPath = join(directory, 'id_ed25519');
  const authorizedKeys = join(directory, 'authorized_keys');
  const config = join(directory, 'sshd_config');
  const pongSocket = join(directory, 'pong.sock');
  await ensureKeyPair(privateKeyPath);
  await writeFile(authorizedKeys, `${await readPublicKey(privateKeyPath)}\n`, { mode: 0o600 });
  if (userInfo().uid === 0) execFileSync('mkdir', ['-p', '/run/sshd']);
  const pongUnix = await listen(pong(), pongSocket);
  const pongTcp = await listen(pong(), 0);

  const configure = async (generation: number): Promise<void> => {
    const hostKey = join(directory, `host_key_${generation}`);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey]);
    const lines = [
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${authorizedKeys}`,
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
      'StrictModes no',
      'UsePAM no',
    ];
    await writeFile(config, `${lines.join('\n')}\n`);
  };
  const daemons = new Set<ChildProcess>();
  const sshd = createServer({ pauseOnConnect: true }, (socket) => {
    const daemon = spawn(SSHD, ['-i', '-f', config], { stdio: [socket, socket, 'ignore'] });
    daemons.add(daemon.once('exit', () => daemons.delete(daemon)));
    socket.destroy();
  });
  const hangUp = async (): Promise<void> => {
    const ended = [...daemons].map((daemon) => once(daemon, 'exit'));
    for (const { pid } of daemons) for (const one of pid === undefined ? [] : familyOf(pid)) kill(one);
    await Promise.all(ended);
  };
  const stop = async (): Promise<void> => {
    sshd.close();
    await hangUp();
  };
  let generation = 0;
  await configure(generation);
  await listen(sshd, 0);
  return {
    address: { host: '127.0.0.1', port: portOf(sshd), user: userInfo().username },
    dial: realDial,
    privateKeyPath,
    directory,
    pongSocket,
    pongPort: portOf(pongTcp),
    async changeHostKey() {
      generation += 1;
      await configure(generation);
      await hangUp();
    },
    dropConnections: hangUp,
    stop,
    async dispose() {
      await stop();
      pongUnix.close();
      pongTcp.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

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
