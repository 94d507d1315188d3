import type { Task } from '../benchmark/task-index.js';
import { chooseTasks } from '../operations/run-tasks.js';
import { createPlainPrinter } from '../output/plain.js';
import type { CommandCall } from './command.js';
import { narrowingOf } from './task-options.js';
import { withSession } from './with-session.js';

/**
 * The tasks that the arguments and `--domain`, `--sample`, `--seed` name; all when none does. What is odd about a file is
 * told on stderr. Raises CLIENT_TASK_*.
 */
export function tasksOf(call: CommandCall): Promise<readonly Task[]> {
  return withSession(call, {}, (session) => {
    session.observe(createPlainPrinter({ stream: session.streams.stderr }));
    return chooseTasks(session, call.args.length === 0 ? ['@all'] : call.args, narrowingOf(call.options));
  });
}
