import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
  /** Resolves when stderr or stdout holds `text`. */
  saw(text: string | RegExp): Promise<void>;
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
}

/** Spawns the real bundle in an empty home; stops the lab it may have started. */
export function createCliHome(): CliHome {
  if (!existsSync(bundle)) throw new Error('dist/waa.js is missing: npm run build');
  const directory = mkdtempSync(join(tmpdir(), 'waa-e2e-'));
  const home = join(directory, 'home');
  const start = (argv: readonly string[], options: CliOptions = {}): RunningCli => {
    const child = spawn(process.execPath, [bundle, ...argv], {
      cwd: directory,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: directory,
        USERPROFILE: directory,
        WAA_HOME: home,
        NO_COLOR: '1',
        ...options.env,
      },
    });
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
            if (!(typeof text === 'string' ? all.includes(text) : text.test(all))) return;
            watchers.delete(look);
            resolve();
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
      await start(['lab', 'stop']).done;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
