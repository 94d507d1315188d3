import type { Duplex, Readable } from 'node:stream';
import type { Deadline } from '../../health/deadline.js';
import type { HostAddress } from '../../layers/io.js';

export interface ExecOptions {
  readonly deadline: Deadline;
  /** Sent to the command's standard input, then closed. The place for secrets: never argv. */
  readonly stdin?: string | Uint8Array;
  /** Output kept per stream; older bytes are dropped and a note says so. Default 1 MiB. */
  readonly maxOutputBytes?: number;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command whose output is read while it runs. */
export interface RemoteStream {
  readonly stdout: Readable;
  /** Exit code; rejects with VM_SSH_DROPPED when the connection ends first. */
  readonly exit: Promise<number>;
  /** Last kilobytes of standard error so far. */
  stderrTail(): string;
  /** Closes the channel; the remote command sees SIGHUP or a closed pipe. */
  abort(): void;
}

/** One SSH connection to one worker: commands and forwarded streams. Raises VM_SSH_* failures. */
export interface SshLink {
  readonly address: HostAddress;
  readonly closed: boolean;
  /** Runs `argv` (each word quoted for a POSIX shell; nothing is interpolated) and waits for its end. */
  exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult>;
  /** Starts `argv` and hands out its output as a stream. */
  stream(argv: readonly string[], options: ExecOptions): Promise<RemoteStream>;
  /** A stream to a TCP port as seen from the worker (direct-tcpip). A refused port rejects with VM_FORWARD_REFUSED. */
  forwardTcp(host: string, port: number, deadline: Deadline): Promise<Duplex>;
  /** A stream to a unix socket on the worker (direct-streamlocal@openssh.com). */
  forwardUnix(path: string, deadline: Deadline): Promise<Duplex>;
  close(): void;
}

/** Hands out one live link per address: opens it when needed, opens it again when it broke. */
export interface SshLinks {
  /** A live link; connects once, without retries of its own. Host key pinned at first contact. */
  open(address: HostAddress, deadline: Deadline): Promise<SshLink>;
  /** Forgets the pinned key of a host that was deleted by us, so that a successor may have another. */
  forget(address: HostAddress): Promise<void>;
  /** Closes what is open before we take the host down ourselves: its end is then no dropped connection. */
  hangUp(): void;
  close(): Promise<void>;
}

/** Opens a TCP connection to a worker; the lab puts its own network here. */
export type Dial = (host: string, port: number, deadline: Deadline) => Promise<Duplex>;
