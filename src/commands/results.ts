import { createTaskIndex, shippedTaskIndex } from '../benchmark/task-index.js';
import { summarise } from '../benchmark/summary.js';
import { chooseRun } from '../operations/runs.js';
import type { CommandHandler } from './command.js';
import { printResult } from './print-result.js';
import { summaryLines } from './summary-lines.js';
import { withSession } from './with-session.js';

/** `waa results [run]` */
export const handle: CommandHandler = async (call) => {
  const { summary, directory } = await withSession(call, {}, async (session) => {
    const run = await chooseRun(session.paths, call.args[0]);
    const index = createTaskIndex(shippedTaskIndex().tasks);
    return { summary: summarise(run.head, run.lines, index), directory: session.paths.run(run.id).directory };
  });
  const lines = [...summaryLines(summary, call.surroundings.stdout.columns ?? 80, call), '', `Files: ${directory}`];
  return printResult(call, { ...summary, directory }, lines);
};
