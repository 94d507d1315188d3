import type { CommandSpec } from './command.js';
import { ignore, name, workerOption, yes } from './common-options.js';

const minWorkers = { flags: '--min-workers <count>', description: 'so many of them must be ready (default: all)' };
const force = { flags: '--force', description: 'even when results are not home' };

/** A deployment with several workers is a pool: what one worker can do, a pool can, by the same commands. */
const ALIASES = [
  ['pool-create', 'up', 'Create a pool of workers, or continue where it stopped (the same as up)'],
  ['pool-run', 'run', 'Run benchmark tasks over the workers of a pool (the same as run)'],
  ['pool-status', 'status', 'Look at every worker of a pool (the same as status)'],
  ['pool-exec', 'exec', 'Run a command in the containers of a pool (the same as exec)'],
  ['pool-logs', 'logs', 'Show logs of the workers of a pool (the same as logs)'],
] as const;

const own: readonly CommandSpec[] = [
  {
    name: 'pool-wait',
    summary: 'Wait until the workers of a pool are ready; changes nothing',
    group: 'Pools',
    options: [name, minWorkers, { flags: '--timeout <minutes>', description: 'give up after so long (default 60)' }],
    gate: 'none',
    load: () => import('./pool-wait.js'),
  },
  {
    name: 'pool-scale',
    summary: 'Add workers to a pool, or delete the last ones',
    group: 'Pools',
    arguments: [{ syntax: '<count>', description: 'number of workers it shall have' }],
    options: [name, minWorkers, yes, ignore, force],
    examples: ['pool-scale 8', 'pool-scale 2 --name mine --yes'],
    gate: 'create',
    sweeps: true,
    load: () => import('./pool-scale.js'),
  },
  {
    name: 'pool-pause',
    summary: 'Shut Windows down cleanly and deallocate (on a host of your own: stop the container)',
    group: 'Pools',
    options: [name, { flags: '--force', description: 'even when results are not home, or Windows does not shut down' }],
    gate: 'none',
    sweeps: true,
    load: () => import('./pool-pause.js'),
  },
  {
    name: 'pool-resume',
    summary: 'Start a paused pool and wait until WAA is ready',
    group: 'Pools',
    options: [name, ignore],
    gate: 'resume',
    sweeps: true,
    load: () => import('./pool-resume.js'),
  },
  {
    name: 'pool-vnc',
    summary: 'Show the Windows desktops of a pool in the browser, through SSH, until stopped',
    group: 'Pools',
    options: [name, workerOption],
    examples: ['pool-vnc', 'pool-vnc --worker w3'],
    gate: 'none',
    load: () => import('./pool-vnc.js'),
  },
  {
    name: 'pool-cleanup',
    summary: 'Delete everything of a pool and prove it, also when this machine forgot it (else the same as down)',
    group: 'Pools',
    options: [name, yes, force],
    gate: 'none',
    sweeps: true,
    load: () => import('./down.js'),
  },
];

/** The commands for pools, given those they are made of. */
export function poolCommands(commands: readonly CommandSpec[]): readonly CommandSpec[] {
  const aliases = ALIASES.flatMap(([alias, of, summary]): readonly CommandSpec[] => {
    const spec = commands.find((candidate) => candidate.name === of);
    if (!spec) return [];
    const { examples, ...rest } = spec;
    const renamed = examples?.map((example) => example.replace(of, alias));
    return [{ ...rest, name: alias, summary, group: 'Pools', ...(renamed === undefined ? {} : { examples: renamed }) }];
  });
  return [...aliases, ...own];
}
