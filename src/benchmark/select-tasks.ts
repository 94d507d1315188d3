import { groupBy } from './group-by.js';
import { mulberry32, shuffled } from '../seeded-random.js';
import type { Tell } from '../tell.js';
import { fail } from '../failures/waa-error.js';
import { nearest } from '../failures/nearest.js';
import { parseTaskFile, requireDomain, requireSafe, requireTask } from './task-file.js';
import { shippedTaskFiles, taskName, type Task, type TaskIndex } from './task-index.js';

export interface TaskSelection {
  /**
   * Each is one of: a path to a meta file, the name of a shipped one, `@easy`, `@all`, `@offline`, `@feasible`, a
   * domain, `domain/id`, an id or its unique beginning.
   */
  readonly sources: readonly string[];
  /** Keeps only tasks of these domains. */
  readonly domains?: readonly string[];
  /** Keeps only this many, spread over the domains, drawn with `seed` (default 1). */
  readonly sample?: number | undefined;
  readonly seed?: number | undefined;
  /** Runs each task so many times (default 1). */
  readonly repeat?: number | undefined;
}

/** Reads a file by path; undefined when there is none. */
export type ReadTextFile = (path: string) => Promise<string | undefined>;

/**
 * Resolves what a user asked for into tasks, each once, in the order asked. Every mistake is one CLIENT_TASK_* failure
 * that names the input and what to write instead; what a file names twice is told, and nothing is left out silently.
 */
export async function selectTasks(
  selection: TaskSelection,
  index: TaskIndex,
  readFile: ReadTextFile,
  tell: Tell = () => undefined,
): Promise<readonly Task[]> {
  const chosen = new Map<string, Task>();
  for (const source of selection.sources) {
    for (const task of await resolveSource(source, index, readFile, tell)) chosen.set(taskName(task), task);
  }
  const kept = new Set((selection.domains ?? []).map((domain) => requireDomain(domain, '--domain', index)));
  const tasks = [...chosen.values()].filter((task) => kept.size === 0 || kept.has(task.domain));
  if (tasks.length === 0)
    throw fail('CLIENT_TASK_FILE_EMPTY', { path: selection.sources.join(', ') || 'the selection' });
  const { sample, seed = 1, repeat = 1 } = selection;
  const drawn = sample === undefined ? tasks : stratified(tasks, sample, seed);
  return repeat === 1 ? drawn : repeated(drawn, repeat);
}

/** Every task `times` times, all first runs before the second ones; one that was named as a repetition is among them. */
function repeated(tasks: readonly Task[], times: number): readonly Task[] {
  const rounds = Array.from({ length: times }, (_, round) => round + 1).flatMap((repetition) =>
    tasks.map(({ repetition: _, ...task }): Task => (repetition === 1 ? task : { ...task, repetition })),
  );
  return [...new Map([...rounds, ...tasks].map((task) => [taskName(task), task])).values()];
}

/**
 * `count` tasks with the domains represented as evenly as they allow, which task of a domain drawn at random from `seed`.
 * The same input gives the same sample everywhere.
 */
export function stratified(tasks: readonly Task[], count: number, seed: number): readonly Task[] {
  const random = mulberry32(seed);
  const groups = [...groupBy(tasks, (task) => task.domain).values()].map((group) => shuffled(group, random));
  const order = shuffled(groups, random);
  const picked = new Set<Task>();
  for (let round = 0; picked.size < Math.min(count, tasks.length); round += 1) {
    for (const group of order) {
      const task = group[round];
      if (task && picked.size < count) picked.add(task);
    }
  }
  return tasks.filter((task) => picked.has(task));
}

async function resolveSource(
  source: string,
  index: TaskIndex,
  readFile: ReadTextFile,
  tell: Tell,
): Promise<readonly Task[]> {
  const [, plain, times] = /^([^/]+\/[^/]+)#([1-9]\d{0,2})$/.exec(source) ?? [];
  if (plain !== undefined && times !== undefined) {
    return (await resolveSource(plain, index, readFile, tell)).map((task) => ({ ...task, repetition: Number(times) }));
  }
  if (source.startsWith('@')) return named(source, index);
  if (source.endsWith('.json')) return fromFile(source, index, readFile, tell);
  const parts = source.split('/');
  if (parts.length === 2 && parts[0] !== undefined && parts[1] !== undefined) {
    return [requireTask(requireDomain(parts[0], source, index), parts[1], source, index)];
  }
  requireSafe(source, 'the command line');
  if (index.domains.includes(source)) return index.tasks.filter((task) => task.domain === source);
  return [byBeginning(source, index)];
}

function named(source: string, index: TaskIndex): readonly Task[] {
  switch (source) {
    case '@all':
      return index.tasks;
    case '@easy':
      return parseTaskFile(JSON.stringify(shippedTaskFiles['easy_20.json']), 'easy_20.json', index);
    case '@offline':
      return index.tasks.filter((task) => !task.url && !task.cdp);
    case '@feasible':
      return index.tasks.filter((task) => task.feasible);
    default: {
      const names = ['@easy', '@all', '@offline', '@feasible'];
      throw fail('CLIENT_TASK_UNKNOWN', {
        task: source,
        source: 'the command line',
        nearest: nearest(source, names) ?? 'none',
      });
    }
  }
}

async function fromFile(path: string, index: TaskIndex, readFile: ReadTextFile, tell: Tell): Promise<readonly Task[]> {
  const text = await readFile(path);
  if (text !== undefined) return parseTaskFile(text, path, index, tell);
  const shipped = shippedTaskFiles[path];
  if (!shipped) throw fail('CLIENT_TASK_FILE_NOT_FOUND', { path, shipped: Object.keys(shippedTaskFiles).join(', ') });
  return parseTaskFile(JSON.stringify(shipped), path, index);
}

function byBeginning(source: string, index: TaskIndex): Task {
  const exact = index.tasks.filter((task) => task.id === source);
  const begins = index.tasks.filter((task) => task.id.toLowerCase().startsWith(source.toLowerCase()));
  const found = exact.length > 0 ? exact : begins;
  if (found.length === 1 && found[0]) return found[0];
  if (found.length > 1) {
    throw fail('CLIENT_TASK_AMBIGUOUS', { task: source, candidates: found.slice(0, 5).map(taskName).join(', ') });
  }
  const candidates = [...index.domains, ...index.tasks.map((task) => task.id)];
  throw fail('CLIENT_TASK_UNKNOWN', {
    task: source,
    source: 'the command line',
    nearest: nearest(source, candidates) ?? 'none',
  });
}
