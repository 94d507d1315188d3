import type { Readable, Writable } from 'node:stream';
import type { Machine } from '../../world/contracts.js';
import type { Simulation } from '../../world/simulation.js';

/** One call of a host script on an emulated machine. */
export interface RemoteCall {
  readonly machine: Machine;
  readonly simulation: Simulation;
  /** Arguments after the script's name. */
  readonly args: readonly string[];
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Aborts when the channel closes. */
  readonly signal: AbortSignal;
}

/** What a host script does in the lab: same arguments, same output, same exit codes as the real one. */
export type RemoteCommand = (call: RemoteCall) => Promise<number>;

/** Host scripts by file name without `.sh`. */
export type RemoteCommands = Readonly<Record<string, RemoteCommand>>;
