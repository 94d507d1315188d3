/** The bin: argv, signals, streams, exit code. The only file that touches `process`. */
import { homedir, hostname, userInfo } from 'node:os';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CommandCall, Surroundings } from './commands/command.js';

/** Exit codes of a run that a person ended (shell convention: 128 + signal). */
const SIGNAL_EXIT: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

const stop = new AbortController();
let signalled: string | undefined;

/** First signal: stop starting things and end cleanly. Second: end at once. */
function onSignal(signal: NodeJS.Signals): void {
  if (signalled) process.exit(SIGNAL_EXIT[signal] ?? 1);
  signalled = signal;
  process.stderr.write(`\n${signal}: stopping cleanly; what runs in Azure goes on. Once more ends at once.\n`);
  stop.abort(new Error(`stopped by ${signal}`));
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a uid without a name.
    return process.env['USER'] ?? process.env['USERNAME'] ?? 'unknown';
  }
}

/** Signal 0 asks whether a process exists; one of somebody else's exists too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Version from the package beside the bundle, and beside src/ when run from source. */
function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

async function main(): Promise<number> {
  const surroundings: Surroundings = {
    env: process.env,
    cwd: process.cwd(),
    homeDirectory: homedir(),
    userName: userName(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    pid: process.pid,
    isAlive,
    random: Math.random,
    nodeVersion: process.versions.node,
    platform: process.platform,
    hostName: hostname(),
    self: [process.execPath, fileURLToPath(import.meta.url)],
    signal: stop.signal,
  };
  const argv = process.argv.slice(2);
  const { parseCommandLine } = await import('./program.js');
  const parsed = await parseCommandLine(argv.length === 0 ? ['--help'] : argv, version(), surroundings);
  if (parsed.kind === 'printed') return parsed.exitCode;
  const { executeCall, reportUsage } = await import('./execute.js');
  if (parsed.kind === 'usage') return reportUsage(parsed, argv, surroundings);
  return executeCall(withSignals(parsed.call));
}

/** Commands that act get our two-stage Ctrl-C; help and version keep Node's. */
function withSignals(call: CommandCall): CommandCall {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return call;
}

// A reader that goes away (`waa status | head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

main().then(
  (code) => {
    process.exitCode = signalled ? (SIGNAL_EXIT[signalled] ?? code) : code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 70;
  },
);
