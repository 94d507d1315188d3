import type { Task } from '../benchmark/task-index.js';
import { chooseTasks } from '../operations/run-tasks.js';
import type { CommandCall } from './command.js';
import { notesTo } from './notes.js';
import { narrowingOf } from './task-options.js';
import { withSession } from './with-session.js';

export interface ChosenTasks {
  readonly tasks: readonly Task[];
  /** What is odd about the files they came from. Told on stderr already. */
  readonly notes: readonly string[];
}

/**
 * The tasks that the arguments and `--domain`, `--sample`, `--seed` name; all when none does. What is odd about a file is
 * told on stderr: stdout may be on its way into a file. Raises CLIENT_TASK_*.
 */
export function tasksOf(call: CommandCall): Promise<ChosenTasks> {
  return withSession(call, {}, async (session) => {
    const tell = notesTo(session);
    const notes: string[] = [];
    const sources = call.args.length === 0 ? ['@all'] : call.args;
    const tasks = await chooseTasks(session, sources, narrowingOf(call.options), (note) => {
      notes.push(note);
      tell(note);
    });
    return { tasks, notes };
  });
}
