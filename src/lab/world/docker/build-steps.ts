import { parseCommand, parsePairs, substitute, type Dockerfile, type Stage } from './dockerfile.js';
import type { ImageConfiguration } from './registry-world.js';

/** One step of a stage as the builders number it; ARG and the like change settings only. */
export interface BuildStep {
  readonly stage: number;
  readonly stageName: string;
  /** In the file's own words, ARG values not put in. */
  readonly instruction: string;
  /** The same with them. */
  readonly expanded: string;
}

/** The steps in the order they are run. ARG of a stage puts its value into what follows. */
export function stepsOf(file: Dockerfile, buildArgs: Readonly<Record<string, string>>): readonly BuildStep[] {
  const global = valuesOf(file.global, buildArgs, {});
  return file.stages.flatMap((stage, index) => stageSteps(stage, index, global, buildArgs));
}

function stageSteps(
  stage: Stage,
  index: number,
  global: Readonly<Record<string, string>>,
  buildArgs: Readonly<Record<string, string>>,
): readonly BuildStep[] {
  let values: Record<string, string> = {};
  const step = (text: string, expanded: string): BuildStep => ({
    stage: index,
    stageName: stage.name,
    instruction: text,
    expanded,
  });
  return [
    step(stage.from.text, substitute(stage.from.text, global)),
    ...stage.instructions.map((one) => {
      if (one.name === 'ARG') values = { ...values, ...valuesOf([one], buildArgs, global) };
      if (one.name === 'ENV') values = { ...values, ...Object.fromEntries(parsePairs(substitute(one.args, values))) };
      return step(one.text, one.name === 'RUN' || one.name === 'ARG' ? one.text : substitute(one.text, values));
    }),
  ];
}

/** Values of ARG instructions: given with the build, else a global one of that name, else its default. */
function valuesOf(
  instructions: Dockerfile['global'],
  buildArgs: Readonly<Record<string, string>>,
  inherited: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    instructions.map(({ args }) => {
      const [name = '', initial] = [args.split('=')[0], /=(.*)$/s.exec(args)?.[1]];
      return [name, buildArgs[name] ?? initial ?? inherited[name] ?? ''];
    }),
  );
}

/** The settings of an image after an instruction that changes nothing else. */
export function configured(before: ImageConfiguration, name: string, args: string): ImageConfiguration {
  switch (name) {
    case 'ENV': {
      const pairs = parsePairs(args);
      const kept = before.env.filter((one) => !pairs.some(([key]) => one.startsWith(`${key}=`)));
      return { ...before, env: [...kept, ...pairs.map(([key, value]) => `${key}=${value}`)] };
    }
    case 'LABEL':
      return { ...before, labels: { ...before.labels, ...Object.fromEntries(parsePairs(args)) } };
    case 'ENTRYPOINT':
      return { ...before, entrypoint: parseCommand(args), command: [] };
    case 'CMD':
      return { ...before, command: parseCommand(args) };
    case 'EXPOSE': {
      const ports = args.split(/\s+/).map((port) => (port.includes('/') ? port : `${port}/tcp`));
      return { ...before, exposedPorts: [...new Set([...before.exposedPorts, ...ports])] };
    }
    case 'VOLUME':
      return { ...before, volumes: [...new Set([...before.volumes, ...args.split(/\s+/)])] };
    case 'WORKDIR':
      return { ...before, workingDir: args };
    default:
      return before;
  }
}
