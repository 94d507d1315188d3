import { constants } from 'node:os';
import { connect, type NetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { execa, type Options } from 'execa';
import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { HostAddress } from '../../layers/io.js';
import { createBoundedOutput } from './bounded-output.js';
import { quoteArgv } from '../../failures/quote-argv.js';
import { nameOf } from './name-of.js';
import type { ExecOptions, SshLink, SshLinks } from './ssh.js';

const DEFAULT_OUTPUT_BYTES = 1024 * 1024;
const STDERR_TAIL_BYTES = 8 * 1024;

/**
 * A command under way. Through `sh`, as sshd runs it: the same words, and 127 for a program that does not exist. In a
 * session of its own, so that a Ctrl-C at waa's terminal is waa's alone, and that `signal` ends all it has started.
 */
function begin(argv: readonly string[], { stdin }: ExecOptions, signal: AbortSignal) {
  const options = {
    buffer: false,
    reject: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    detached: true,
  } as const satisfies Options;
  const child = execa('/bin/sh', ['-c', quoteArgv(argv)], options);
  // A command may end without reading its input; its exit code tells what that means.
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const end = (): void => {
    killGroup(child.pid);
    child.stdout.destroy();
    child.stderr.destroy();
  };
  signal.addEventListener('abort', end, { once: true });
  void child.finally(() => {
    signal.removeEventListener('abort', end);
  });
  const exit = child.then(
    ({ exitCode, signal: by }) => exitCode ?? (by === undefined ? 255 : 128 + constants.signals[by]),
  );
  return { child, exit };
}

/** Asks a command and everything it started to end. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGTERM');
  } catch (error) {
    // ESRCH: it ended by itself a moment ago.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** This machine behind the same interface as a host reached by SSH (`--host local`). */
function createLocalLink(address: HostAddress): SshLink {
  const { host } = address;
  const closing = new AbortController();
  const streams = new Set<Duplex>();

  const dial = (target: string, where: NetConnectOpts, deadline: Deadline): Promise<Duplex> => {
    if (closing.signal.aborted) return Promise.reject(fail('VM_SSH_DROPPED', { host, during: target }));
    return new Promise((resolve, reject) => {
      const socket = connect(where);
      const onAbort = (): void => {
        socket.destroy();
        reject(deadline.signal.reason as Error);
      };
      deadline.signal.addEventListener('abort', onAbort, { once: true });
      socket.once('connect', () => {
        deadline.signal.removeEventListener('abort', onAbort);
        socket.removeAllListeners('error');
        streams.add(socket);
        socket.once('close', () => streams.delete(socket));
        resolve(socket);
      });
      socket.once('error', (error) => {
        deadline.signal.removeEventListener('abort', onAbort);
        reject(fail('VM_FORWARD_REFUSED', { host, target }, { cause: error }));
      });
      if (deadline.signal.aborted) onAbort();
    });
  };

  return {
    address,
    get closed() {
      return closing.signal.aborted;
    },
    async exec(argv, options) {
      const { deadline, maxOutputBytes = DEFAULT_OUTPUT_BYTES } = options;
      deadline.signal.throwIfAborted();
      const [stdout, stderr] = [createBoundedOutput(maxOutputBytes), createBoundedOutput(maxOutputBytes)];
      const { child, exit } = begin(argv, options, AbortSignal.any([deadline.signal, closing.signal]));
      child.stdout.on('data', stdout.push);
      child.stderr.on('data', stderr.push);
      const command = nameOf(argv);
      try {
        const exitCode = await deadline.race(exit);
        if (closing.signal.aborted) throw fail('VM_SSH_DROPPED', { host, during: command });
        return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
      } catch (error) {
        if (!deadline.signal.aborted) throw error;
        if (!deadline.expired) throw deadline.signal.reason;
        const last = (stderr.tail(200) || stdout.tail(200)).trim() || 'nothing';
        throw fail('VM_EXEC_TIMEOUT', { host, command, seconds: Math.round(deadline.totalMs / 1000), last });
      }
    },
    async stream(argv, options) {
      options.deadline.signal.throwIfAborted();
      const own = new AbortController();
      const stderr = createBoundedOutput(STDERR_TAIL_BYTES);
      const { child, exit } = begin(argv, options, AbortSignal.any([own.signal, closing.signal]));
      child.stderr.on('data', stderr.push);
      return {
        stdout: child.stdout,
        exit,
        stderrTail: () => stderr.tail(STDERR_TAIL_BYTES),
        abort() {
          own.abort();
        },
      };
    },
    forwardTcp: (target, port, deadline) => dial(`${target}:${port}`, { host: target, port }, deadline),
    forwardUnix: (path, deadline) => dial(path, { path }, deadline),
    close() {
      closing.abort();
      for (const stream of streams) stream.destroy();
    },
  };
}

/** Sends `--host local` to this machine, everything else to `ssh`. */
export function withLocalLinks(ssh: SshLinks): SshLinks {
  let local: SshLink | undefined;
  return {
    async open(address, deadline) {
      if (address.local !== true) return ssh.open(address, deadline);
      deadline.signal.throwIfAborted();
      if (!local || local.closed) local = createLocalLink(address);
      return local;
    },
    hangUp: () => ssh.hangUp(),
    forget: (address) => (address.local === true ? Promise.resolve() : ssh.forget(address)),
    async close() {
      local?.close();
      await ssh.close();
    },
  };
}
