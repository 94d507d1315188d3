import type { Task } from '../benchmark/task-index.js';
import { chooseTasks } from '../operations/run-tasks.js';
import type { CommandCall } from './command.js';
import { narrowingOf } from './task-options.js';
import { withSession } from './with-session.js';

/** The tasks that the arguments and `--domain`, `--sample`, `--seed` name; all when none does. Raises CLIENT_TASK_*. */
export function tasksOf(call: CommandCall): Promise<readonly Task[]> {
  return withSession(call, {}, (session) =>
    chooseTasks(session, call.args.length === 0 ? ['@all'] : call.args, narrowingOf(call.options)),
  );
}
