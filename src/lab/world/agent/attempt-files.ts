import type { Machine } from '../contracts.js';

/** The folder of one attempt on an emulated machine: the same small files that task.sh keeps. */
export interface AttemptFiles {
  /** Of the attempt, as whoever started it chose it. */
  readonly name: string;
  readonly directory: string;
  readonly exists: boolean;
  read(name: string): string;
  write(name: string, content: string | Buffer): void;
  append(name: string, text: string): void;
  list(): readonly string[];
  remove(): void;
}

/** The folder of attempt `attempt` of run `run` below the data directory. */
export function attemptFiles(machine: Machine, data: string, run: string, attempt: string): AttemptFiles {
  const directory = `${data}/waa/results/${run}/${attempt}`;
  const read = (name: string): string => machine.readFile(`${directory}/${name}`)?.content.toString('utf8') ?? '';
  const write = (name: string, content: string | Buffer): void => {
    machine.writeFile(`${directory}/${name}`, content, 0o600);
  };
  return {
    name: attempt,
    directory,
    get exists() {
      return machine.listFiles(directory).length > 0;
    },
    read,
    write,
    append(name, text) {
      write(name, read(name) + text);
    },
    list: () => machine.listFiles(directory),
    remove() {
      machine.removeTree(directory);
    },
  };
}
