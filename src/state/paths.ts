import { join, resolve } from 'node:path';
import { fail } from '../failures/waa-error.js';

/** Files of one deployment. */
export interface DeploymentPaths {
  readonly directory: string;
  readonly record: string;
  readonly checkpoint: string;
  readonly journal: string;
  readonly knownHosts: string;
  /** When somebody last worked with it by hand. */
  readonly used: string;
  /** Lock directory, made and removed by the lock. */
  readonly lock: string;
  /** Who holds the lock. */
  readonly lockHolder: string;
}

/** Files of one benchmark run. */
export interface RunPaths {
  readonly directory: string;
  readonly record: string;
  readonly queue: string;
}

/** Everything `waa` keeps on this machine. */
export interface StatePaths {
  readonly home: string;
  readonly config: string;
  readonly deployments: string;
  readonly runs: string;
  readonly cache: string;
  readonly logs: string;
  readonly ssh: string;
  readonly history: string;
  /** Recorded durations of steps, for ETAs. */
  readonly durations: string;
  /** When which VM was billed, and at what price; outlives the deployments. */
  readonly spend: string;
  /** Raises USAGE for a name that cannot be a directory. */
  deployment(name: string): DeploymentPaths;
  /** Raises USAGE for an id that cannot be a directory. */
  run(id: string): RunPaths;
}

/** The state home: `WAA_HOME` (relative to `workingDirectory`), else `.waa` in the user's home directory. Absolute. */
export function stateHome(
  env: Readonly<Record<string, string | undefined>>,
  homeDirectory: string,
  workingDirectory: string,
): string {
  const chosen = env['WAA_HOME'];
  return chosen ? resolve(workingDirectory, chosen) : join(homeDirectory, '.waa');
}

/** Names that are one harmless path segment on Linux, macOS and Windows. */
const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$/;
/** Device names that Windows reserves in every directory, whatever follows a dot. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Whether a name can be that of a deployment's or a run's directory. */
export function isSegment(name: string): boolean {
  return SEGMENT.test(name) && !name.endsWith('.') && !RESERVED.test(name);
}

function segment(kind: string, name: string): string {
  if (isSegment(name)) return name;
  throw fail('USAGE', {
    problem: `${JSON.stringify(name)} cannot be the name of a ${kind}`,
    hint: 'Use letters, digits, dashes and underscores, beginning with a letter or digit, e.g. waa-baseline',
  });
}

/** Typed paths below a state home. Pure: nothing is created. */
export function statePaths(home: string): StatePaths {
  const deployments = join(home, 'deployments');
  const runs = join(home, 'runs');
  const history = join(home, 'history');
  return {
    home,
    config: join(home, 'config.yaml'),
    deployments,
    runs,
    cache: join(home, 'cache'),
    logs: join(home, 'logs'),
    ssh: join(home, 'ssh'),
    history,
    durations: join(history, 'durations.jsonl'),
    spend: join(history, 'spend.jsonl'),
    deployment(name) {
      const directory = join(deployments, segment('deployment', name));
      return {
        directory,
        record: join(directory, 'deployment.json'),
        checkpoint: join(directory, 'checkpoint.json'),
        journal: join(directory, 'journal.jsonl'),
        knownHosts: join(directory, 'known_hosts'),
        used: join(directory, 'used'),
        lock: join(directory, 'lock'),
        lockHolder: join(directory, 'lock-holder.json'),
      };
    },
    run(id) {
      const directory = join(runs, segment('run', id));
      return {
        directory,
        record: join(directory, 'run.json'),
        queue: join(directory, 'queue.jsonl'),
      };
    },
  };
}
