import type { Duplex } from 'node:stream';
import type { Deadline } from '../../health/deadline.js';

/** `query-status`: https://qemu-project.gitlab.io/qemu/interop/qemu-qmp-ref.html (RunState). */
export type QemuStatus =
  | 'running'
  | 'paused'
  | 'prelaunch'
  | 'shutdown'
  | 'io-error'
  | 'internal-error'
  | 'guest-panicked'
  | 'watchdog'
  | 'debug'
  | 'inmigrate'
  | 'postmigrate'
  | 'finish-migrate'
  | 'restore-vm'
  | 'save-vm'
  | 'suspended'
  | 'colo';

export interface BlockStats {
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** One QMP session. Raises QEMU_QMP_* failures. QMP serves one client at a time per socket: open, use, close. */
export interface QmpSession extends AsyncDisposable {
  status(deadline: Deadline): Promise<QemuStatus>;
  /** True when KVM is enabled (`query-kvm`). */
  kvmEnabled(deadline: Deadline): Promise<boolean>;
  /** Sum over all block devices (`query-blockstats`). */
  blockStats(deadline: Deadline): Promise<BlockStats>;
  /** Writes a PNG screendump to `path` inside the container. */
  screendump(path: string, deadline: Deadline): Promise<void>;
  systemPowerdown(deadline: Deadline): Promise<void>;
  systemReset(deadline: Deadline): Promise<void>;
  cont(deadline: Deadline): Promise<void>;
}

/** Opens a stream to the QMP socket. */
export type OpenQmpStream = (deadline: Deadline) => Promise<Duplex>;

/** Opens a session on a new stream and negotiates; closes the stream when that fails. */
export type OpenQmp = (openStream: OpenQmpStream, deadline: Deadline) => Promise<QmpSession>;
