import type { Config } from '../config/schema.js';
import type { AgentBundle } from './agent-directory.js';
import type { RunConditions, RunHead, WorkerFacts } from './run-record.js';
import { taskName, type Task } from './task-index.js';

/** What makes a run this experiment and no other. */
export type Experiment = Pick<
  RunHead,
  'deployment' | 'tasks' | 'agent' | 'ownAgent' | 'provider' | 'model' | 'maxSteps' | 'taskTimeoutS' | 'reset'
> & { readonly conditions?: Pick<RunConditions, 'agent'> | undefined };

/** What is chosen for a run. */
export interface RunChoice {
  readonly deployment: string;
  readonly tasks: readonly Task[];
  readonly config: Config;
  /** The user's own agent in place of run.py's. */
  readonly agent?: AgentBundle | undefined;
}

/** Settings of the agent, as the record of a run has them among its conditions. */
export function agentConditions({ agent: { name, maxSteps, somOrigin, a11yBackend } }: Config): RunConditions['agent'] {
  return { name, maxSteps, somOrigin, a11yBackend };
}

/** The experiment that a choice is, but for its conditions. */
export function experimentOf({ deployment, tasks, config, agent }: RunChoice): Omit<Experiment, 'conditions'> {
  return {
    deployment,
    tasks: tasks.map(taskName),
    agent: agent?.name ?? config.agent.name,
    ...(agent === undefined
      ? {}
      : { ownAgent: { name: agent.name, sha256: agent.sha256, files: agent.files, bytes: agent.bytes } }),
    provider: config.model.provider,
    model: config.model.name,
    maxSteps: config.agent.maxSteps,
    taskTimeoutS: config.benchmark.taskTimeoutS,
    reset: config.benchmark.reset,
  };
}

/** Why `wanted` is not the experiment that `head` is, in words; undefined when it is. Pure. */
export function differenceOf(head: Experiment, wanted: Experiment): string | undefined {
  // What its workers hold of the run would be looked for on others, and nobody would wait for it.
  const places = { what: 'deployment', a: head.deployment, b: wanted.deployment };
  const elsewhere = places.a === places.b ? [] : [places];
  const [first] = [...elsewhere, ...differences(CHOSEN, head, wanted)];
  if (first) return `${first.what} was ${first.a}, now ${first.b}`;
  const [before, now] = [new Set(head.tasks), new Set(wanted.tasks)];
  const added = wanted.tasks.filter((task) => !before.has(task)).length;
  const gone = head.tasks.filter((task) => !now.has(task)).length;
  return added + gone > 0 ? `other tasks: ${added} new, ${gone} missing` : undefined;
}

/** Something two runs were not made alike in. */
export interface RunDifference {
  readonly what: string;
  readonly a: string;
  readonly b: string;
}

type Facet<R> = (run: R) => string | number | undefined;

/** What was chosen for a run, by the name of what chooses it. A record may not know it: undefined. */
const CHOSEN: Readonly<Record<string, Facet<Experiment>>> = {
  'agent directory': (run) => run.ownAgent?.sha256.slice(0, 12) ?? 'none',
  agent: (run) => run.agent,
  provider: (run) => run.provider,
  model: (run) => run.model,
  'max steps': (run) => run.maxSteps,
  'time limit': (run) => run.taskTimeoutS,
  'som origin': (run) => run.conditions?.agent['somOrigin'],
  'a11y backend': (run) => run.conditions?.agent['a11yBackend'],
  reset: (run) => run.reset ?? 'none',
};

/** What its workers turned out to be. */
const MET: Readonly<Record<string, Facet<RunHead>>> = {
  image: eachOf(({ image }) => image),
  client: eachOf(({ clientRevision }) => clientRevision.slice(0, 12)),
  acceleration: eachOf(({ acceleration }) => acceleration),
  screen: eachOf(({ screen }) => `${screen.width}x${screen.height}`),
};

/** What was chosen differently, or turned out different, so that more than chance may tell two runs apart. Pure. */
export function allDifferences(a: RunHead, b: RunHead): readonly RunDifference[] {
  return differences({ ...CHOSEN, ...MET }, a, b);
}

/** What one of the records does not know is passed over. */
function differences<R>(facets: Readonly<Record<string, Facet<R>>>, a: R, b: R): readonly RunDifference[] {
  return Object.entries(facets).flatMap(([what, of]) => {
    const [first, second] = [of(a), of(b)];
    if (first === undefined || second === undefined || first === second) return [];
    return [{ what, a: String(first), b: String(second) }];
  });
}

/** What its workers were, each value once; undefined where none was ever ready. */
function eachOf(of: (facts: WorkerFacts) => string): Facet<RunHead> {
  return ({ workers = [] }) => (workers.length === 0 ? undefined : [...new Set(workers.map(of))].sort().join(' and '));
}
