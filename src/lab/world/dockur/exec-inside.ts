import { clientInside } from '../agent/client-inside.js';
import type { Guest } from '../contracts.js';
import { runLinuxProgram, type LinuxHost } from '../machine/linux-programs.js';
import type { FilesInside } from './files-inside.js';

export interface ExecOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const ok = (stdout: string): ExecOutcome => ({ exitCode: 0, stdout, stderr: '' });

/**
 * The small programs of dockur's image that `docker exec` is used with: cat, test, touch, curl to the guest's /probe;
 * what WAA's client adds; and what any Linux has. Undefined for a program that is not in the image.
 */
export function execInside(
  argv: readonly string[],
  files: FilesInside,
  guest: Guest | undefined,
  host: LinuxHost,
): ExecOutcome | undefined {
  const [program = '', ...args] = argv;
  switch (program.split('/').at(-1)) {
    case 'cat':
      return cat(args, files);
    case 'test':
      return { exitCode: files.read(args[1] ?? '') === undefined ? 1 : 0, stdout: '', stderr: '' };
    case 'touch':
      for (const path of args) if (files.read(path) === undefined) files.write(path, '');
      return ok('');
    case 'curl':
      return curl(args, guest);
    default:
      return clientInside(argv) ?? runLinuxProgram(host, argv);
  }
}

function cat(paths: readonly string[], files: FilesInside): ExecOutcome {
  const missing = paths.find((path) => files.read(path) === undefined);
  const stdout = paths.map((path) => files.read(path)?.toString('utf8') ?? '').join('');
  if (missing === undefined) return ok(stdout);
  return { exitCode: 1, stdout, stderr: `cat: ${missing}: No such file or directory\n` };
}

function curl(args: readonly string[], guest: Guest | undefined): ExecOutcome {
  const url = args.find((arg) => /^https?:\/\//.test(arg)) ?? '';
  if (/:5000\/probe/.test(url)) {
    if (guest) return ok('{"status":"Probe successful","message":"Service is operational"}');
    return { exitCode: 7, stdout: '', stderr: `curl: (7) Failed to connect to ${new URL(url).host}\n` };
  }
  return /^https:\/\//.test(url) ? ok('') : { exitCode: 7, stdout: '', stderr: 'curl: (7) Failed to connect\n' };
}
