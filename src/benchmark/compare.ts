import { groupBy } from './group-by.js';
import { mulberry32 } from '../seeded-random.js';
import type { RunSummary, TaskResult } from './summary.js';

/** The difference of two runs over the tasks that both have a valid result for. Positive: the second is better. */
export interface PairedDifference {
  /** Tasks that are valid in both. */
  readonly pairs: number;
  readonly meanA: number | null;
  readonly meanB: number | null;
  readonly difference: number | null;
  /** 95 % percentile bootstrap over tasks; null with fewer than two pairs. */
  readonly interval: readonly [number, number] | null;
  /** Tasks the one did better than the other. */
  readonly aBetter: number;
  readonly bBetter: number;
  /** Exact two-sided McNemar test: how often chance alone splits the differing tasks so unevenly. */
  readonly p: number;
}

export interface ComparedTask {
  readonly task: string;
  readonly domain: string;
  /** Mean score over its valid repetitions; undefined: none was valid, or the run does not have the task. */
  readonly a: number | undefined;
  readonly b: number | undefined;
}

export interface Comparison {
  readonly a: string;
  readonly b: string;
  readonly all: PairedDifference;
  /** Without the tasks whose right answer is to give up. */
  readonly feasible: PairedDifference;
  readonly domains: Readonly<Record<string, PairedDifference>>;
  readonly tasks: readonly ComparedTask[];
  /** Tasks left out of the pairs, by reason. */
  readonly onlyInA: number;
  readonly onlyInB: number;
  readonly notValidInBoth: number;
  /** Fewest differing tasks with which p can fall below 0.05 at all. */
  readonly leastForProof: 6;
}

const RESAMPLES = 10_000;

/** Compares two runs task by task. Pure and deterministic: the bootstrap draws from a seed of its own. */
export function compareRuns(a: RunSummary, b: RunSummary): Comparison {
  const [scoresA, scoresB] = [scoresOf(a), scoresOf(b)];
  const names = [...new Set([...scoresA.keys(), ...scoresB.keys()])];
  const infeasible = new Set(
    [...a.tasks, ...b.tasks].filter((task) => !task.feasible).map((task) => baseName(task.task)),
  );
  const tasks = names.map((task): ComparedTask => ({
    task,
    domain: task.split('/')[0] ?? '',
    a: scoresA.get(task),
    b: scoresB.get(task),
  }));
  const common = tasks.filter((task) => scoresA.has(task.task) && scoresB.has(task.task));
  return {
    a: a.runId,
    b: b.runId,
    all: paired(tasks),
    feasible: paired(tasks.filter((task) => !infeasible.has(task.task))),
    domains: Object.fromEntries(
      [...groupBy(tasks, (task) => task.domain)].map(([name, group]) => [name, paired(group)]),
    ),
    tasks,
    onlyInA: tasks.filter((task) => !scoresB.has(task.task)).length,
    onlyInB: tasks.filter((task) => !scoresA.has(task.task)).length,
    notValidInBoth: common.filter((task) => task.a === undefined || task.b === undefined).length,
    leastForProof: 6,
  };
}

/** Mean score by task. What the agent brought on itself counts as zero; what others spoiled has no score. */
function scoresOf({ tasks }: RunSummary): ReadonlyMap<string, number | undefined> {
  const groups = groupBy(tasks, (task) => baseName(task.task));
  return new Map([...groups].map(([name, group]) => [name, meanOf(group.flatMap(validScore))]));
}

function validScore({ state, score }: TaskResult): readonly number[] {
  if (state === 'scored') return [score ?? 0];
  return state === 'agent_error' || state === 'timeout' ? [0] : [];
}

function baseName(task: string): string {
  return task.replace(/#\d+$/, '');
}

function meanOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function paired(tasks: readonly ComparedTask[]): PairedDifference {
  const pairs = tasks.flatMap(({ a, b }) => (a === undefined || b === undefined ? [] : [[a, b] as const]));
  const differences = pairs.map(([a, b]) => b - a);
  const aBetter = differences.filter((value) => value < 0).length;
  const bBetter = differences.filter((value) => value > 0).length;
  return {
    pairs: pairs.length,
    meanA: meanOf(pairs.map(([a]) => a)) ?? null,
    meanB: meanOf(pairs.map(([, b]) => b)) ?? null,
    difference: meanOf(differences) ?? null,
    interval: bootstrap(differences),
    aBetter,
    bBetter,
    p: exactMcNemar(aBetter, bBetter),
  };
}

/** Exact two-sided McNemar test (a binomial test with one half) of the pairs that differ; 1 when none does. */
export function exactMcNemar(first: number, second: number): number {
  const n = first + second;
  // In logarithms: a half to the power of a thousand is no number any more.
  let logTerm = n * Math.log(0.5);
  let tail = 0;
  for (let k = 0; k <= Math.min(first, second); k += 1) {
    tail += Math.exp(logTerm);
    logTerm += Math.log(n - k) - Math.log(k + 1);
  }
  return Math.min(1, 2 * tail);
}

function bootstrap(differences: readonly number[]): readonly [number, number] | null {
  const count = differences.length;
  if (count < 2) return null;
  const random = mulberry32(20_261_122);
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let draw = 0; draw < count; draw += 1) sum += differences[Math.floor(random() * count)] ?? 0;
    return sum / count;
  }).sort((x, y) => x - y);
  const at = (share: number): number => means[Math.min(RESAMPLES - 1, Math.floor(share * RESAMPLES))] ?? 0;
  return [at(0.025), at(0.975)];
}
