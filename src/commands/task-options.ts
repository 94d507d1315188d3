import type { TaskSelection } from '../benchmark/select-tasks.js';
import type { OptionSpec, RawOptions } from './command.js';
import { listOption, numberOption } from './input.js';

/** Which tasks, as every command that takes tasks has it. */
export const TASK_SOURCES: OptionSpec = {
  flags: '-t, --tasks <source...>',
  description: 'task file, @easy, @all, @offline, @feasible, domain, domain/id, or the beginning of an id',
};

export const TASK_NARROWING: readonly OptionSpec[] = [
  { flags: '--domain <domain...>', description: 'only tasks of these domains' },
  { flags: '--sample <count>', description: 'only so many, spread over the domains' },
  { flags: '--seed <number>', description: 'draws another sample (default 1)' },
];

/** `--domain`, `--sample`, `--seed`, `--repeat`. Raises USAGE. */
export function narrowingOf(options: RawOptions): Omit<TaskSelection, 'sources'> {
  return {
    domains: listOption(options, 'domain'),
    sample: numberOption(options, 'sample', { min: 1, max: 100_000, integer: true }),
    seed: numberOption(options, 'seed', { min: 0, max: 2 ** 31, integer: true }),
    repeat: numberOption(options, 'repeat', { min: 1, max: 100, integer: true }),
  };
}

/** Where tasks are taken from: what was named; only narrowed means from all. Undefined when nothing was asked for. */
export function sourcesOf(options: RawOptions, named: readonly string[]): readonly string[] | undefined {
  if (named.length > 0) return named;
  const { domains = [], sample } = narrowingOf(options);
  return domains.length > 0 || sample !== undefined ? ['@all'] : undefined;
}
