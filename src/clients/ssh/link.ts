import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import type { Clock } from '../../clock/clock.js';
import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { HostAddress } from '../../layers/io.js';
import { createBoundedOutput } from './bounded-output.js';
import { exitOf } from './exit-of.js';
import { startKeepalive } from './keepalive.js';
import { quoteArgv } from '../../failures/quote-argv.js';
import { nameOf } from './name-of.js';
import { createSessionGate } from './session-gate.js';
import type { ExecOptions, SshLink } from './ssh.js';
import { channelFailure } from './translate.js';

/** OpenSSH allows ten sessions a connection (MaxSessions); two are left for what races with us. */
const SESSIONS = 8;
const DEFAULT_OUTPUT_BYTES = 1024 * 1024;
const STDERR_TAIL_BYTES = 8 * 1024;

interface Session {
  readonly channel: ClientChannel;
  readonly exit: Promise<number>;
}

export interface LinkOptions {
  readonly clock: Clock;
  readonly keepaliveMs: number;
  /** `dropped`: not by us; nobody asked for it. */
  readonly onClosed: (how: 'closed' | 'dropped') => void;
}

/** Wraps an open client of `connectClient`. It closes itself when three keepalives in a row stay unanswered. */
export function createLink(client: Client, address: HostAddress, options: LinkOptions): SshLink {
  const { host } = address;
  const gate = createSessionGate(SESSIONS);
  let closed = false;

  const ended = (how: 'closed' | 'dropped'): void => {
    if (closed) return;
    closed = true;
    stopKeepalive();
    options.onClosed(how);
  };
  const stopKeepalive = startKeepalive(client, options.clock, options.keepaliveMs, () => {
    // No goodbye: the other side does not answer. Destroying the socket ends every channel at once.
    client.destroy();
    ended('dropped');
  });
  client.on('close', () => {
    ended('dropped');
  });

  const dropped = (during: string): unknown => fail('VM_SSH_DROPPED', { host, during });
  /** What the end of `deadline` means for a command. */
  const outOfTime = (deadline: Deadline, command: string, last: string): unknown => {
    if (!deadline.expired) return deadline.signal.reason;
    return fail('VM_EXEC_TIMEOUT', { host, command, seconds: Math.round(deadline.totalMs / 1000), last });
  };
  /** Asks ssh2 to open something; rejects when the connection ends before the answer. */
  const open = <T>(
    target: string,
    deadline: Deadline,
    begin: (done: (error: Error | undefined, result?: T) => void) => void,
  ): Promise<T> => {
    if (closed) return Promise.reject(dropped(target));
    return new Promise<T>((resolve, reject) => {
      const onClose = (): void => {
        finish();
        reject(dropped(target));
      };
      const onAbort = (): void => {
        finish();
        reject(outOfTime(deadline, target, 'nothing'));
      };
      const finish = (): void => {
        client.off('close', onClose);
        deadline.signal.removeEventListener('abort', onAbort);
      };
      client.once('close', onClose);
      deadline.signal.addEventListener('abort', onAbort, { once: true });
      if (deadline.signal.aborted) {
        onAbort();
        return;
      }
      try {
        begin((error, result) => {
          finish();
          if (error) reject(channelFailure(error, address, target));
          else resolve(result as T);
        });
      } catch (error) {
        // ssh2 throws `Not connected` while the socket has ended and its `close` is still to come: the link is over.
        finish();
        client.destroy();
        ended('dropped');
        reject(channelFailure(error, address, target));
      }
    });
  };
  const openSession = async (argv: readonly string[], { deadline, stdin }: ExecOptions): Promise<Session> => {
    const command = nameOf(argv);
    let leave;
    try {
      leave = await gate.enter(deadline);
    } catch (error) {
      if (!deadline.expired) throw error;
      throw fail('VM_SSH_BUSY', { host, seconds: Math.round(deadline.totalMs / 1000) });
    }
    try {
      const session = await open<Session>(command, deadline, (done) => {
        client.exec(quoteArgv(argv), (error, channel) => {
          // Here and not after an await: a quick command's exit code arrives in the same packet as this answer.
          if (error) done(error);
          else done(undefined, { channel, exit: exitOf(channel, () => dropped(command)) });
        });
      });
      session.exit.then(leave, leave);
      // A command may end without reading its input; its exit code tells what that means.
      session.channel.on('error', () => undefined);
      session.channel.end(stdin);
      return session;
    } catch (error) {
      leave();
      throw error;
    }
  };

  return {
    address,
    get closed() {
      return closed;
    },
    async exec(argv, execOptions) {
      const { deadline, maxOutputBytes = DEFAULT_OUTPUT_BYTES } = execOptions;
      const stdout = createBoundedOutput(maxOutputBytes);
      const stderr = createBoundedOutput(maxOutputBytes);
      const { channel, exit } = await openSession(argv, execOptions);
      channel.on('data', stdout.push);
      channel.stderr.on('data', stderr.push);
      try {
        const exitCode = await deadline.race(exit);
        return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
      } catch (error) {
        if (!deadline.signal.aborted) throw error;
        channel.close();
        const last = (stderr.tail(200) || stdout.tail(200)).trim() || 'nothing';
        throw outOfTime(deadline, nameOf(argv), last);
      }
    },
    async stream(argv, execOptions) {
      const stderr = createBoundedOutput(STDERR_TAIL_BYTES);
      const { channel, exit } = await openSession(argv, execOptions);
      channel.stderr.on('data', stderr.push);
      return {
        stdout: channel,
        exit,
        stderrTail: () => stderr.tail(STDERR_TAIL_BYTES),
        abort() {
          channel.close();
        },
      };
    },
    forwardTcp: (target, port, deadline) =>
      open<Duplex>(`${target}:${port}`, deadline, (done) => {
        client.forwardOut('127.0.0.1', 0, target, port, done);
      }),
    forwardUnix: (path, deadline) =>
      open<Duplex>(path, deadline, (done) => {
        client.openssh_forwardOutStreamLocal(path, done);
      }),
    close() {
      // First, so that the end of the stream is known to be ours.
      ended('closed');
      client.end();
    },
  };
}
