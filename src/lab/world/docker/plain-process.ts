import type { ContainerProcess, ContainerProcessContext } from '../contracts.js';
import type { Simulation } from '../simulation.js';

/**
 * The few programs an ordinary image (ubuntu) has in the lab: enough to try the daemon with a Docker client. Returns
 * undefined for a program that does not exist there.
 */
export function createPlainProcess(
  simulation: Simulation,
  argv: readonly string[],
  context: ContainerProcessContext,
): ContainerProcess | undefined {
  const [program = '', ...rest] = argv;
  const run = programs[program.replace(/^\/(usr\/)?bin\//, '')];
  if (!run) return undefined;
  let cancel: (() => void) | undefined;
  return {
    ports: { statusPage: undefined, guest: undefined },
    qemu: undefined,
    start() {
      const { exitCode, output, afterMs } = run(rest, '');
      if (output !== '') context.log(output);
      if (!Number.isFinite(afterMs)) return;
      cancel = simulation.after(afterMs, () => {
        context.exit(exitCode);
      });
    },
    // A process with pid 1 and no handler ignores SIGTERM and SIGINT (signal(7), init of a pid namespace).
    signal: () => undefined,
    kill() {
      cancel?.();
    },
    exec(command, stdin) {
      const found = programs[(command[0] ?? '').replace(/^\/(usr\/)?bin\//, '')];
      if (!found) return undefined;
      const { exitCode, output } = found(command.slice(1), stdin);
      return { exitCode, stdout: output, stderr: '' };
    },
  };
}

interface Effect {
  readonly exitCode: number;
  readonly output: string;
  readonly afterMs: number;
}

/** A small program that does next to nothing. */
const SOON_MS = 10;
const programs: Readonly<Record<string, (args: readonly string[], stdin: string) => Effect>> = {
  true: () => ({ exitCode: 0, output: '', afterMs: SOON_MS }),
  false: () => ({ exitCode: 1, output: '', afterMs: SOON_MS }),
  // Without a terminal on its input a shell ends at once.
  bash: () => ({ exitCode: 0, output: '', afterMs: SOON_MS }),
  echo: (args) => ({ exitCode: 0, output: `${args.join(' ')}\n`, afterMs: SOON_MS }),
  sleep: ([time = '0']) => ({ exitCode: 0, output: '', afterMs: time === 'infinity' ? Infinity : Number(time) * 1000 }),
  cat: (_args, stdin) => ({ exitCode: 0, output: stdin, afterMs: SOON_MS }),
};
