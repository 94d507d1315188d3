import { createTaskIndex, shippedTaskIndex } from '../benchmark/task-index.js';
import { summarise } from '../benchmark/summary.js';
import { chooseRun } from '../operations/runs.js';
import { streamsOf } from '../execute.js';
import { wrap } from '../output/paint/text.js';
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
  const { columns } = streamsOf(call.surroundings, call.globals.color).stdout;
  const lines = [...summaryLines(summary, call), '', ...wrap(`Files: ${directory}`, columns)];
  return printResult(call, { ...summary, directory }, lines);
};
