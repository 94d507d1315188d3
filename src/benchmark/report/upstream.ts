import { groupBy } from '../group-by.js';
import type { RunReport } from './model.js';

/**
 * `all_result.json` as upstream's show_result.py writes it: domain to task id to score. Only honest scores stand in it.
 * A task run several times has the mean of its scores.
 */
export function allResult(report: RunReport): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const scores: Record<string, Record<string, number>> = {};
  for (const [name, tasks] of byId(report)) {
    const known = tasks.flatMap((task) => (task.state === 'scored' && task.score !== null ? [task.score] : []));
    const domain = tasks[0]?.domain;
    if (domain === undefined || known.length === 0) continue;
    (scores[domain] ??= {})[name] = known.reduce((sum, score) => sum + score, 0) / known.length;
  }
  return scores;
}

/** `missing.json` as upstream writes it: domain to the ids of tasks without a score. It is a task file: run it again. */
export function missing(report: RunReport): Readonly<Record<string, readonly string[]>> {
  const ids: Record<string, string[]> = {};
  for (const [name, tasks] of byId(report)) {
    const domain = tasks[0]?.domain;
    if (domain === undefined || tasks.some((task) => task.state === 'scored')) continue;
    (ids[domain] ??= []).push(name);
  }
  return ids;
}

function byId({ tasks }: RunReport): ReadonlyMap<string, RunReport['tasks']> {
  return groupBy(tasks, (task) => task.task.slice(task.domain.length + 1).replace(/#\d+$/, ''));
}
