import { freeBytes, type Machine } from '../contracts.js';

/** A Linux as its programs see it: a virtual machine, or a container on it. */
export interface LinuxHost {
  readonly machine: Machine;
  readonly hostName: string;
  readonly user: string;
  readonly workingDirectory: string;
  readonly epochMs: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute paths of the files below a directory. */
  list(directory: string): readonly string[];
}

export interface ProgramOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const KERNEL = { s: 'Linux', r: '6.8.0-1044-azure', v: '#50-Ubuntu SMP', m: 'x86_64', o: 'GNU/Linux' } as const;
const GB = 1024 ** 3;

type Program = (host: LinuxHost, args: readonly string[]) => string | ProgramOutcome;

/** Programs that look and change nothing, present on any Linux. What they print is read by people only. */
const programs: Readonly<Record<string, Program>> = {
  true: () => '',
  false: () => ({ exitCode: 1, stdout: '', stderr: '' }),
  echo: (_host, args) => `${args.join(' ')}\n`,
  uname,
  hostname: ({ hostName }) => `${hostName}\n`,
  whoami: ({ user }) => `${user}\n`,
  id: ({ user }, args) =>
    args[0] === '-u' ? `${uid(user)}\n` : `uid=${uid(user)}(${user}) gid=${uid(user)}(${user})\n`,
  pwd: ({ workingDirectory }) => `${workingDirectory}\n`,
  date: ({ epochMs }, args) =>
    args[0] === '+%s'
      ? `${Math.floor(epochMs / 1000)}\n`
      : `${new Date(epochMs).toUTCString().replace('GMT', 'UTC')}\n`,
  nproc: ({ machine }) => `${machine.spec.cpuCores}\n`,
  env: ({ environment }) =>
    Object.entries(environment)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  df,
  free,
  ls,
};

/** Runs one of them; undefined for a program it does not know. */
export function runLinuxProgram(host: LinuxHost, argv: readonly string[]): ProgramOutcome | undefined {
  const [path = '', ...args] = argv;
  const name = /^(?:\/usr)?\/bin\/([\w-]+)$/.exec(path)?.[1] ?? path;
  const program = Object.hasOwn(programs, name) ? programs[name] : undefined;
  const outcome = program?.(host, args);
  return typeof outcome === 'string' ? { exitCode: 0, stdout: outcome, stderr: '' } : outcome;
}

function uid(user: string): number {
  return user === 'root' ? 0 : 1000;
}

function uname({ hostName }: LinuxHost, args: readonly string[]): string {
  const parts: Readonly<Record<string, string>> = { ...KERNEL, n: hostName };
  const asked = args.flatMap((arg) => (arg.startsWith('-') ? (arg.slice(1).match(/./g) ?? []) : []));
  const letters = asked.includes('a') ? ['s', 'n', 'r', 'v', 'm', 'o'] : asked.length === 0 ? ['s'] : asked;
  return `${letters.map((letter) => parts[letter] ?? 'unknown').join(' ')}\n`;
}

function df({ machine }: LinuxHost): string {
  const rows = [...machine.mounts].map(([point, disk]) => {
    const [size, free] = [disk.sizeGb, freeBytes(disk) / GB];
    const used = size - free;
    const cells = [`${size}G`, `${used.toFixed(0)}G`, `${free.toFixed(0)}G`, `${Math.round((used / size) * 100)}%`];
    return `/dev/${(point === '/' ? 'root' : 'sdc').padEnd(14)} ${cells.map((cell) => cell.padStart(5)).join(' ')} ${point}\n`;
  });
  return `Filesystem           Size  Used Avail  Use% Mounted on\n${rows.join('')}`;
}

function free({ machine }: LinuxHost): string {
  const mb = machine.spec.memoryMb;
  return `        total\nMem: ${String(mb).padStart(8)}\nSwap:${'0'.padStart(8)}\n`;
}

function ls(host: LinuxHost, args: readonly string[]): ProgramOutcome {
  const path = args.find((arg) => !arg.startsWith('-')) ?? host.workingDirectory;
  const prefix = path.endsWith('/') ? path : `${path}/`;
  const names = new Set(host.list(path).flatMap((file) => file.slice(prefix.length).split('/')[0] ?? []));
  if (names.size > 0)
    return {
      exitCode: 0,
      stdout: [...names]
        .sort()
        .map((name) => `${name}\n`)
        .join(''),
      stderr: '',
    };
  const stderr = `ls: cannot access '${path}': No such file or directory\n`;
  return { exitCode: 2, stdout: '', stderr };
}
