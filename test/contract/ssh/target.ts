import type { Dial } from '../../../src/clients/ssh/ssh.js';
import type { HostAddress } from '../../../src/layers/io.js';

/** What a suite of this folder needs of the other side, whether that is the lab's wire or a real sshd. */
export interface SshTarget {
  readonly address: HostAddress;
  readonly dial: Dial;
  /** Private key the target accepts. */
  readonly privateKeyPath: string;
  /** Empty folder for files of the test. */
  readonly directory: string;
  /** A unix socket on the target that answers `pong` to anything. */
  readonly pongSocket: string;
  /** A TCP port of the target's loopback that answers `pong` to anything. */
  readonly pongPort: number;
  /** Gives the target another host key, as if the VM were re-created. */
  changeHostKey(): Promise<void>;
  /** Ends every connection from the target's side without warning. */
  dropConnections(): Promise<void>;
  /** Stops the server: port 22 then refuses. */
  stop(): Promise<void>;
  dispose(): Promise<void>;
}
