import { groupBy } from '../benchmark/group-by.js';
import type { CommandHandler } from './command.js';
import { printResult } from './print-result.js';
import { tasksOf } from './tasks-of.js';

/** `waa tasks sample <count> [source...]`: prints a task file in WAA's shape. */
export const handle: CommandHandler = async (call) => {
  const [count = '', ...sources] = call.args;
  const { tasks } = await tasksOf({ ...call, args: sources, options: { ...call.options, sample: count } });
  const domains = groupBy(tasks, (task) => task.domain);
  const meta = Object.fromEntries([...domains].map(([domain, group]) => [domain, group.map((task) => task.id)]));
  return printResult(call, meta, [JSON.stringify(meta, undefined, 2)]);
};
