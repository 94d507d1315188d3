/** Where a failure belongs. The seven layers, plus what is the tool's own. */
export type FailureLayer = 'azure' | 'vm' | 'docker' | 'qemu' | 'windows' | 'server' | 'client' | 'own' | 'usage';

/** transient: try again. recoverable: recover, then verify. permanent: stop at once with the fix. bug: ours. */
export type Disposition = 'transient' | 'recoverable' | 'permanent' | 'bug';

/** The second digit of the exit code. */
export type FailureKind =
  | 'error'
  | 'conflict'
  | 'timeout'
  | 'not-running'
  | 'not-found'
  | 'unsupported'
  | 'permission'
  | 'configuration'
  | 'quota';

/** Values a message is made of. Never a secret: they reach logs and state. */
export type FailureParams = Readonly<Record<string, string | number>>;

/** One entry of the failure catalogue: all that can be known about a failure before it happens. */
export interface FailureDefinition<P extends FailureParams = FailureParams> {
  readonly layer: FailureLayer;
  readonly kind: FailureKind;
  readonly disposition: Disposition;
  /** Only where the meaning of the exit code is fixed outside the grid of layer and kind (a refused gate: 3). */
  readonly exitCode?: number;
  /** What was seen, in one sentence with the numbers and names that matter. */
  readonly symptom: (params: P) => string;
  /** Why this happens, in words a person on a budget understands. */
  readonly why: string;
  /** Numbered steps; a step that is a command can be pasted as it stands. */
  readonly fix: (params: P) => readonly string[];
}

/** Types a catalogue entry by the parameters its texts need. */
export function failure<P extends FailureParams = Readonly<Record<never, string>>>(
  definition: FailureDefinition<P>,
): FailureDefinition<P> {
  return definition;
}
