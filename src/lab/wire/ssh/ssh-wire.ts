import type { Socket } from 'node:net';
import { type Duplex, PassThrough, type Writable } from 'node:stream';
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2';
import type { Machine } from '../../world/contracts.js';
import type { Simulation } from '../../world/simulation.js';
import { connectedPair, join } from '../connected-pair.js';
import { hostKeyOf } from './host-key.js';
import type { RemoteCommands } from './remote-command.js';
import { runCommandLine } from './shell.js';

/** OpenSSH's default MaxSessions: a further session channel of one connection is refused. sshd_config(5). */
const MAX_SESSIONS = 10;
/** sshd of Ubuntu 24.04. */
const IDENT = 'OpenSSH_9.6p1 Ubuntu-3ubuntu13.14';

export interface SshWireDependencies {
  /** Host scripts by file name without `.sh`. */
  readonly commands: RemoteCommands;
  /** Serves a TCP port of the machine's loopback on `stream`; false when nothing listens there. */
  serveTcp(machine: Machine, port: number, stream: Duplex): boolean;
  /** Serves a unix socket of the machine on `stream`; false when nothing listens there. */
  serveUnix(machine: Machine, path: string, stream: Duplex): boolean;
  /** Brings the world to this moment; called before anything is looked at. */
  sync?(): void;
}

/** sshd of the emulated machines. */
export interface SshWire {
  /** Speaks SSH on a connection that reached port 22 of a running machine. */
  accept(machine: Machine, socket: Duplex): void;
}

/** Creates the sshd of all machines; what it promises is in BEHAVIOUR.md. */
export function createSshWire(simulation: Simulation, dependencies: SshWireDependencies): SshWire {
  /** One sshd a boot: it reads its host key when it starts. */
  const servers = new WeakMap<Machine, { readonly bootId: string; readonly server: ssh2.Server }>();
  const serverOf = (machine: Machine): ssh2.Server => {
    const existing = servers.get(machine);
    if (existing?.bootId === machine.bootId) return existing.server;
    const server = new ssh2.Server({ hostKeys: [hostKeyOf(machine)], ident: IDENT }, (connection) => {
      serveConnection(connection, machine, simulation, dependencies);
    });
    servers.set(machine, { bootId: machine.bootId, server });
    return server;
  };
  return {
    accept(machine, socket) {
      dependencies.sync?.();
      if (machine.sshd === 'down') {
        socket.destroy();
        return;
      }
      const unregister = machine.onSshdChange((change) => {
        if (change !== 'up') socket.destroy();
      });
      socket.on('close', unregister);
      socket.on('error', () => undefined);
      // ssh2 needs no more of a socket than a duplex stream.
      serverOf(machine).injectSocket(socket as unknown as Socket);
    },
  };
}

function serveConnection(
  connection: Connection,
  machine: Machine,
  simulation: Simulation,
  dependencies: SshWireDependencies,
): void {
  let sessions = 0;
  // A peer that resets or speaks nonsense ends its own connection only.
  connection.on('error', () => undefined);
  connection.on('authentication', (context) => {
    if (isAuthorized(context, machine)) context.accept();
    else context.reject(['publickey']);
  });
  connection.on('session', (accept, reject) => {
    if (sessions >= MAX_SESSIONS) {
      reject();
      return;
    }
    sessions += 1;
    const session = accept();
    session.on('close', () => {
      sessions -= 1;
    });
    session.on('exec', (acceptExec, _rejectExec, info) => {
      dependencies.sync?.();
      void execute(acceptExec(), info.command, connection, machine, simulation, dependencies.commands);
    });
  });
  connection.on('tcpip', (accept, reject, info) => {
    const isLoopback = info.destIP === '127.0.0.1' || info.destIP === 'localhost' || info.destIP === '::1';
    dependencies.sync?.();
    forward(accept, reject, (stream) => isLoopback && dependencies.serveTcp(machine, info.destPort, stream));
  });
  connection.on('openssh.streamlocal', (accept, reject, info) => {
    dependencies.sync?.();
    forward(accept, reject, (stream) => dependencies.serveUnix(machine, info.socketPath, stream));
  });
}

function isAuthorized(context: AuthContext, machine: Machine): boolean {
  if (context.method !== 'publickey' || context.username !== machine.spec.adminUser) return false;
  return machine.spec.sshPublicKeys.some((line) => {
    const key = ssh2.utils.parseKey(line);
    if (key instanceof Error || !key.getPublicSSH().equals(context.key.data)) return false;
    return !context.signature || !context.blob || key.verify(context.blob, context.signature, context.hashAlgo);
  });
}

/** OpenSSH answers `connect failed` when nothing listens; so does a rejected channel of ssh2. */
function forward(accept: () => ServerChannel, reject: () => void, serve: (stream: Duplex) => boolean): void {
  const [near, far] = connectedPair();
  if (!serve(far)) {
    near.destroy();
    reject();
    return;
  }
  join(accept(), near);
}

async function execute(
  channel: ServerChannel,
  line: string,
  connection: Connection,
  machine: Machine,
  simulation: Simulation,
  commands: RemoteCommands,
): Promise<void> {
  const closed = new AbortController();
  channel.on('close', () => {
    closed.abort(new Error('the channel was closed'));
  });
  channel.on('error', () => undefined);
  const dropsNow = simulation.faults.strikes('vm-ssh-dropped', machine.spec.name);
  // A stream of its own: a command that stops reading its input must not close the channel, which is its output too.
  const stdin = new PassThrough();
  channel.pipe(stdin);
  const call = { machine, simulation, stdin, stdout: channel, stderr: channel.stderr, signal: closed.signal };
  let exitCode: number;
  try {
    exitCode = await runCommandLine(line, call, commands);
  } catch (error) {
    if (closed.signal.aborted) return;
    channel.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
    exitCode = 70;
  }
  if (dropsNow) {
    connection.end();
    return;
  }
  stdin.resume();
  await Promise.all([flushed(channel), flushed(channel.stderr)]);
  if (closed.signal.aborted) return;
  channel.exit(exitCode);
  channel.end();
}

/** Resolves when all that was written so far went out: sshd sends the exit code after the output. */
function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => {
      resolve();
    });
  });
}
