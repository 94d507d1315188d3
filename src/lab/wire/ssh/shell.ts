import { posix } from 'node:path';
import type { Machine } from '../../world/contracts.js';
import { runLinuxProgram } from '../../world/machine/linux-programs.js';
import { pass } from './commands/answer.js';
import { receiveBundle } from './receive-bundle.js';
import type { RemoteCall, RemoteCommands } from './remote-command.js';
import { splitWords } from './split-words.js';

type Call = Omit<RemoteCall, 'args'>;

/**
 * Runs a command line as the login shell of the emulated machine would, as far as our client uses it: installing the
 * script bundle, running a host script from it, and a few harmless programs. Anything else is `not found`, exit 127.
 */
export async function runCommandLine(line: string, call: Call, commands: RemoteCommands): Promise<number> {
  const words = splitWords(line);
  if (!words)
    return complain(call, `sh: 1: Syntax error: "${line.slice(0, 40)}" needs a shell the lab does not have`, 2);
  const argv = words[0] === 'sudo' && words[1] === '-n' ? words.slice(2) : words;
  const [program = '', ...args] = argv;
  switch (program) {
    case 'sh':
    case '/bin/sh':
      return runShell(args, call, commands);
    case 'test':
      return test(args, call.machine) ? 0 : 1;
    case 'cat':
      return args.length === 0 ? copyInput(call) : cat(args, call);
    case 'sleep':
      await pass({ ...call, args }, Number(args[0] ?? 0) * 1000);
      return 0;
    default:
      return runProgram(argv, words[0] === 'sudo' ? 'root' : call.machine.spec.adminUser, call);
  }
}

function runProgram(argv: readonly string[], user: string, call: Call): number {
  const { machine, simulation, stdout, stderr } = call;
  const home = user === 'root' ? '/root' : `/home/${user}`;
  const outcome = runLinuxProgram(
    {
      machine,
      hostName: machine.spec.name,
      user,
      workingDirectory: home,
      epochMs: simulation.now,
      environment: { HOME: home, USER: user, SHELL: '/bin/bash', LANG: 'C.UTF-8' },
      list: (directory) => machine.listFiles(directory),
    },
    argv,
  );
  if (!outcome) return complain(call, `sh: 1: ${argv[0] ?? ''}: not found`, 127);
  stdout.write(outcome.stdout);
  stderr.write(outcome.stderr);
  return outcome.exitCode;
}

function runShell(args: readonly string[], call: Call, commands: RemoteCommands): Promise<number> | number {
  const [first = '', ...rest] = args;
  if (first === '-c' && rest[1] === 'waa-install') return receiveBundle(call.machine, rest.slice(2), call.stdin);
  if (!call.machine.readFile(first)) return complain(call, `sh: 0: cannot open ${first}: No such file`, 2);
  const command = commands[posix.basename(first, '.sh')];
  if (!command) return complain(call, `sh: 0: ${first}: the lab does not know this script`, 127);
  return command({ ...call, args: rest });
}

/** test(1) with -f or -d. A directory exists when something is in it or a disk is mounted there. */
function test([operator, path = '']: readonly string[], machine: Machine): boolean {
  if (operator === '-f') return machine.readFile(path) !== undefined;
  return operator === '-d' && (machine.mounts.has(path) || machine.listFiles(path).length > 0);
}

async function copyInput(call: Call): Promise<number> {
  for await (const chunk of call.stdin) call.stdout.write(chunk);
  return 0;
}

function cat(paths: readonly string[], call: Call): number {
  let exitCode = 0;
  for (const path of paths) {
    const content = contentOf(call.machine, path);
    if (content) call.stdout.write(content);
    else exitCode = complain(call, `cat: ${path}: No such file or directory`, 1);
  }
  return exitCode;
}

function contentOf(machine: Machine, path: string): Buffer | undefined {
  if (path === '/proc/sys/kernel/random/boot_id') return Buffer.from(`${machine.bootId}\n`);
  return machine.readFile(path)?.content;
}

function complain(call: Call, text: string, exitCode: number): number {
  call.stderr.write(`${text}\n`);
  return exitCode;
}
