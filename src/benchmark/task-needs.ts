import type { Task } from './task-index.js';

/** What a set of tasks needs of Windows: apps by domain with the number of tasks, and whether anything is fetched. */
export function needsOf(tasks: readonly Task[]): { apps: Record<string, number>; internet: boolean } {
  const apps: Record<string, number> = {};
  for (const task of tasks) apps[task.domain] = (apps[task.domain] ?? 0) + 1;
  return { apps, internet: tasks.some((task) => task.url || task.cdp) };
}
