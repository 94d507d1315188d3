/** What a command is, as data. Cheap to import: nothing here loads a handler. */

/** One option of a command, in commander's notation. */
export interface OptionSpec {
  readonly flags: string;
  readonly description: string;
  /** Values it accepts, when they are few. */
  readonly choices?: readonly string[];
}

export interface ArgumentSpec {
  /** `<file>` required, `[name]` optional, `[argv...]` the rest. */
  readonly syntax: string;
  readonly description: string;
}

/**
 * Preflight checks that must not be critical before the command may act, by the name of their group:
 * `none` for commands that change nothing and cost nothing.
 */
export type GateName = 'none' | 'create' | 'resume' | 'run';

/** Options as commander parsed them: camelCase name to value. */
export type RawOptions = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export interface CommandSpec {
  /** Full name, words separated by a blank: `lab start`. */
  readonly name: string;
  readonly summary: string;
  /** Group heading in the help. */
  readonly group: 'Start here' | 'Evaluate' | 'Pools' | 'Images' | 'Look' | 'Worker' | 'Set up';
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  /** Examples for the help, without the leading `waa`. */
  readonly examples?: readonly string[];
  readonly gate: GateName;
  /** Talks to Azure anyway: what was forgotten there is looked for beside it. */
  readonly sweeps?: true;
  /** Left out of the help: called by waa itself or by a shell. */
  readonly hidden?: boolean;
  /** Loads the handler only when the command is called. */
  readonly load: () => Promise<{ readonly handle: CommandHandler }>;
}

/** Options that every command understands. */
export interface GlobalOptions {
  readonly json: boolean;
  readonly lab: boolean;
  readonly debug: boolean;
  readonly color: boolean | undefined;
  readonly home: string | undefined;
}

/** The program's surroundings; cli.ts makes the real one. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly homeDirectory: string;
  readonly userName: string;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly pid: number;
  /** Whether a process of this machine is alive. */
  readonly isAlive: (pid: number) => boolean;
  /** 0..1; spreads retries. */
  readonly random: () => number;
  readonly nodeVersion: string;
  /** As in `process.platform`. */
  readonly platform: string;
  readonly hostName: string;
  /** Program and script to start another `waa`. */
  readonly self: readonly [node: string, script: string];
  /** Aborts at the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}

export interface CommandCall {
  readonly spec: CommandSpec;
  readonly globals: GlobalOptions;
  readonly options: RawOptions;
  readonly args: readonly string[];
  readonly surroundings: Surroundings;
}

/** Does the work and tells the exit code. Throws WaaError. */
export type CommandHandler = (call: CommandCall) => Promise<number>;
