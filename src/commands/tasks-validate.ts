import { needsOf } from '../benchmark/task-needs.js';
import { counted } from '../counted.js';
import type { CommandHandler } from './command.js';
import { printResult } from './print-result.js';
import { tasksOf } from './tasks-of.js';

/** `waa tasks validate <source...>`: every name is one that WAA has, or the failure names the nearest. */
export const handle: CommandHandler = async (call) => {
  const { tasks, notes } = await tasksOf(call);
  const { apps, internet } = needsOf(tasks);
  const domains = Object.entries(apps).map(([name, count]) => `${name} ${count}`);
  return printResult(call, { valid: true, count: tasks.length, domains: apps, internet, notes }, [
    `valid: ${counted(tasks.length, 'task')} (${domains.join(', ')})`,
    internet ? 'Some need the internet.' : 'None needs the internet.',
  ]);
};
