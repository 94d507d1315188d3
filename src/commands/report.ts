import { execa } from 'execa';
import { EXIT } from '../failures/exit-codes.js';
import { reportRun } from '../operations/report-run.js';
import { chooseRun } from '../operations/runs.js';
import type { CommandHandler } from './command.js';
import { flagOption } from './input.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** `waa report [run] [--open]` */
export const handle: CommandHandler = async (call) => {
  const { files, page, runId } = await withSession(call, {}, async (session) => {
    const run = await chooseRun(session.paths, call.args[0]);
    return { ...(await reportRun(session, run)), runId: run.id };
  });
  printResult(call, { runId, page, files }, [`Report of run ${runId}:`, ...files.map((file) => `  ${file}`)]);
  if (!flagOption(call.options, 'open')) return EXIT.ok;
  const [program, args] = opener(call.surroundings.platform, page);
  const { exitCode } = await execa(program, args, { stdio: 'ignore', reject: false });
  if (exitCode === 0) return EXIT.ok;
  call.surroundings.stderr.write(`No browser could be started with ${program}; open ${page} yourself.\n`);
  return EXIT.failure;
};

/** What opens a file in the user's browser on this system. */
function opener(platform: string, page: string): readonly [program: string, args: readonly string[]] {
  if (platform === 'darwin') return ['open', [page]];
  return platform === 'win32' ? ['explorer.exe', [page]] : ['xdg-open', [page]];
}
