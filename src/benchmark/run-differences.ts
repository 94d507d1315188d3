import type { RunHead, WorkerFacts } from './run-record.js';

/** Something two runs were not made alike in. */
export interface RunDifference {
  readonly what: string;
  readonly a: string;
  readonly b: string;
}

type Facet = (head: RunHead) => string | number | undefined;

/** What makes a run an experiment, by the name of what chooses it. A record may not know it: undefined. */
const CHOSEN: Readonly<Record<string, Facet>> = {
  'agent directory': (head) => head.ownAgent?.sha256.slice(0, 12) ?? 'none',
  agent: (head) => head.agent,
  provider: (head) => head.provider,
  model: (head) => head.model,
  'max steps': (head) => head.maxSteps,
  'time limit': (head) => head.taskTimeoutS,
  'som origin': (head) => head.conditions?.agent['somOrigin'],
  'a11y backend': (head) => head.conditions?.agent['a11yBackend'],
  reset: (head) => head.reset ?? 'none',
};

/** What its workers turned out to be. */
const MET: Readonly<Record<string, Facet>> = {
  image: eachOf(({ image }) => image),
  client: eachOf(({ clientRevision }) => clientRevision.slice(0, 12)),
  acceleration: eachOf(({ acceleration }) => acceleration),
  screen: eachOf(({ screen }) => `${screen.width}x${screen.height}`),
};

/** What was chosen differently for two runs. What one of the records does not know is passed over. Pure. */
export function chosenDifferences(a: RunHead, b: RunHead): readonly RunDifference[] {
  return differences(CHOSEN, a, b);
}

/** What was chosen differently, or turned out different, so that more than chance may tell two runs apart. Pure. */
export function allDifferences(a: RunHead, b: RunHead): readonly RunDifference[] {
  return differences({ ...CHOSEN, ...MET }, a, b);
}

function differences(facets: Readonly<Record<string, Facet>>, a: RunHead, b: RunHead): readonly RunDifference[] {
  return Object.entries(facets).flatMap(([what, of]) => {
    const [first, second] = [of(a), of(b)];
    if (first === undefined || second === undefined || first === second) return [];
    return [{ what, a: String(first), b: String(second) }];
  });
}

/** What its workers were, each value once; undefined where none was ever ready. */
function eachOf(of: (facts: WorkerFacts) => string): Facet {
  return ({ workers = [] }) => (workers.length === 0 ? undefined : [...new Set(workers.map(of))].sort().join(' and '));
}
