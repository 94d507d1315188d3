import { EngineError } from './engine-error.js';

export interface Instruction {
  /** In capitals. */
  readonly name: string;
  readonly args: string;
  /** As in the file, continued lines joined. */
  readonly text: string;
  readonly line: number;
}

/** One `FROM` and what follows it. */
export interface Stage {
  /** Name after AS, else `stage-N`. */
  readonly name: string;
  readonly from: Instruction;
  readonly instructions: readonly Instruction[];
}

export interface Dockerfile {
  /** ARG instructions before the first FROM: their values may stand in a FROM. */
  readonly global: readonly Instruction[];
  readonly stages: readonly Stage[];
}

const KNOWN = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  ),
);

/** Reads a Dockerfile as both builders do, heredocs left out. Raises dockerd's own complaints. */
export function parseDockerfile(text: string): Dockerfile {
  const instructions = joinLines(text).map(({ line, text: whole }): Instruction => {
    const [, word = '', args = ''] = /^(\S+)\s*(.*)$/s.exec(whole) ?? [];
    const name = word.toUpperCase();
    if (!KNOWN.has(name))
      throw new EngineError(400, `dockerfile parse error line ${line}: unknown instruction: ${name}`);
    if (args === '') throw new EngineError(400, `dockerfile parse error line ${line}: ${name} requires arguments`);
    return { name, args, text: `${name} ${args}`, line };
  });
  if (instructions.length === 0) throw new EngineError(400, 'the Dockerfile (Dockerfile) cannot be empty');
  const global: Instruction[] = [];
  const stages: { name: string; from: Instruction; instructions: Instruction[] }[] = [];
  for (const one of instructions) {
    if (one.name === 'FROM') {
      const alias = /\sAS\s+(\S+)$/i.exec(one.args)?.[1];
      stages.push({ name: alias ?? `stage-${stages.length}`, from: one, instructions: [] });
    } else if (stages.length > 0) stages.at(-1)?.instructions.push(one);
    else if (one.name === 'ARG') global.push(one);
    else throw new EngineError(400, 'no build stage in current context');
  }
  if (stages.length === 0) throw new EngineError(400, 'no build stage in current context');
  return { global, stages };
}

/** Comments and empty lines go, a backslash at the end of a line continues it. */
function joinLines(text: string): readonly { readonly line: number; readonly text: string }[] {
  const joined: { line: number; text: string }[] = [];
  let open = false;
  text.split(/\r?\n/).forEach((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    const continues = line.endsWith('\\');
    const part = continues ? line.slice(0, -1).trimEnd() : line;
    const last = joined.at(-1);
    if (open && last) last.text += ` ${part}`;
    else joined.push({ line: index + 1, text: part });
    open = continues;
  });
  return joined;
}

/** Puts values in for `$NAME` and `${NAME}`; a name without a value is nothing. */
export function substitute(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$(?:(\w+)|\{(\w+)\})/g,
    (_all, plain?: string, braced?: string) => values[plain ?? braced ?? ''] ?? '',
  );
}

/** `NAME=value NAME="quoted value"` of ENV and LABEL, quotes removed. */
export function parsePairs(args: string): readonly (readonly [name: string, value: string])[] {
  return [...args.matchAll(/([\w.\-/]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g)].map(
    ([, name = '', quoted, plain]) => [name, quoted?.replace(/\\(.)/g, '$1') ?? plain ?? ''] as const,
  );
}

/** The words of a command: a JSON array, or a line for the shell. */
export function parseCommand(args: string): readonly string[] {
  if (!args.startsWith('[')) return ['/bin/sh', '-c', args];
  try {
    const parsed: unknown = JSON.parse(args);
    if (Array.isArray(parsed) && parsed.every((word): word is string => typeof word === 'string')) return parsed;
  } catch {
    // Docker takes what looks like an array but is none for the shell's.
  }
  return ['/bin/sh', '-c', args];
}
