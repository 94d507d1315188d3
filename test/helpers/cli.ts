import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { textWidth } from '../../src/output/paint/text.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
export const bundle = join(root, 'dist', 'waa.js');

export interface CliResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly pid: number;
  readonly done: Promise<CliResult>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when stderr or stdout holds `text`, with what was found. */
  saw(text: string | RegExp): Promise<string>;
}

/** A state home of its own, deleted by `dispose`. */
export interface CliHome {
  readonly home: string;
  readonly cwd: string;
  run(argv: readonly string[], options?: CliOptions): Promise<CliResult>;
  start(argv: readonly string[], options?: CliOptions): RunningCli;
  dispose(): Promise<void>;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Default: the home's own directory. */
  readonly cwd?: string;
}

/**
 * Fast enough that `up` takes some six seconds; a deployment is left alone for a lab day, i.e. for two minutes here, so
 * that Azure does not switch it off between two commands on a slow machine.
 */
const LAB = {
  WAA_LAB_SCALE: '600',
  WAA_LAB_SLACK_MS: '6000',
  WAA_AZURE_AUTO_PAUSE_HOURS: '23',
  WAA_AZURE_IDLE_PAUSE_MINUTES: '0',
};

/** Spawns the real bundle in an empty home; stops the lab it may have started. */
export function createCliHome(script = bundle): CliHome {
  if (!existsSync(script)) throw new Error(`${script} is missing: npm run build`);
  const directory = mkdtempSync(join(tmpdir(), 'waa-e2e-'));
  const home = join(directory, 'home');
  const children = new Set<ChildProcess>();
  const start = (argv: readonly string[], options: CliOptions = {}): RunningCli => {
    const child = spawn(process.execPath, [script, ...argv], {
      cwd: options.cwd ?? directory,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: directory,
        USERPROFILE: directory,
        WAA_HOME: home,
        NO_COLOR: '1',
        COLUMNS: '80',
        LANG: 'C.UTF-8',
        ...LAB,
        ...options.env,
      },
    });
    children.add(child);
    let stdout = '';
    let stderr = '';
    const watchers = new Set<() => void>();
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      for (const watcher of watchers) watcher();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      for (const watcher of watchers) watcher();
    });
    child.stdin.end(options.stdin ?? '');
    const done = new Promise<CliResult>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode, signal) => {
        children.delete(child);
        resolve({ exitCode, signal, stdout, stderr });
      });
    });
    return {
      pid: child.pid ?? -1,
      done,
      kill: (signal) => {
        child.kill(signal);
      },
      saw: (text) =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            const all = stdout + stderr;
            const found = typeof text === 'string' ? (all.includes(text) ? text : undefined) : text.exec(all)?.[0];
            if (found === undefined) return;
            watchers.delete(look);
            resolve(found);
          };
          watchers.add(look);
          look();
          void done.then(() => {
            reject(new Error(`ended without ${String(text)}:\n${stdout}\n${stderr}`));
          });
        }),
    };
  };
  return {
    home,
    cwd: directory,
    start,
    run: (argv, options) => start(argv, options).done,
    async dispose() {
      for (const child of children) child.kill('SIGKILL');
      await start(['lab', 'stop']).done;
      // The lab's last words may still be on their way to its log.
      rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** The one JSON document on stdout; fails when there is anything else. */
export function documentOf(result: CliResult): JsonDocument {
  try {
    return JSON.parse(result.stdout) as JsonDocument;
  } catch (error) {
    throw new Error(`no single JSON document on stdout:\n${result.stdout}\n${result.stderr}`, { cause: error });
  }
}

export interface JsonDocument {
  readonly v: 1;
  readonly command: string;
  readonly ok: boolean;
  readonly result?: unknown;
  readonly error?: {
    readonly code: string;
    readonly exitCode: number;
    readonly symptom: string;
    readonly fix: readonly string[];
  };
}

/** The failure in a `--json` document: it has a fix, and the process ended with the code that it names. */
export function failureOf(result: CliResult): NonNullable<JsonDocument['error']> {
  const { ok, error } = documentOf(result);
  if (ok || !error) throw new Error(`no failure:\n${result.stdout}`);
  if (error.fix.length === 0) throw new Error(`${error.code} has no fix`);
  if (result.exitCode !== error.exitCode) {
    throw new Error(
      `${error.code} names exit code ${error.exitCode}, the process ended with ${result.exitCode ?? '-'}`,
    );
  }
  return error;
}

/** Lines wider than 80 columns, of both streams. */
export function wideLines({ stdout, stderr }: CliResult): readonly string[] {
  return `${stdout}\n${stderr}`.split('\n').filter((line) => textWidth(line) > 80);
}

/** Every file below a directory with its content, by path; logs grow whatever happens and are left out. */
export function filesBelow(directory: string): Readonly<Record<string, string>> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.log'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [relative(directory, path), readFileSync(path, 'latin1')]),
  );
}
