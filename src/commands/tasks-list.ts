import { groupBy } from '../benchmark/group-by.js';
import type { Task } from '../benchmark/task-index.js';
import { counted } from '../counted.js';
import type { CommandHandler } from './command.js';
import { printResult } from './print-result.js';
import { tasksOf } from './tasks-of.js';

/** `waa tasks list [source...]` */
export const handle: CommandHandler = async (call) => {
  const { tasks } = await tasksOf(call);
  const domains = groupBy(tasks, (task) => task.domain);
  const lines = [...domains].flatMap(([domain, group]) => [
    `${domain} (${group.length})`,
    ...group.map((task) => `  ${task.id}${noteOf(task)}`),
  ]);
  return printResult(call, { count: tasks.length, tasks }, [
    ...lines,
    '',
    `${counted(tasks.length, 'task')} in ${counted(domains.size, 'domain')}`,
  ]);
};

function noteOf(task: Task): string {
  const notes = [...(task.feasible ? [] : ['infeasible']), ...(task.url || task.cdp ? ['internet'] : [])];
  return notes.length === 0 ? '' : `  ${notes.join(', ')}`;
}
