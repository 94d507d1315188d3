import { join, resolve } from 'node:path';
import { RUN_JOURNAL } from '../benchmark/report/write-report.js';
import { counted } from '../counted.js';
import { criticalPath } from '../events/critical-path.js';
import { readJournal } from '../events/journal.js';
import { timelineOf, type Timeline } from '../events/timeline.js';
import { streamsOf } from '../execute.js';
import { fail } from '../failures/waa-error.js';
import { chooseName } from '../operations/choose-name.js';
import { findRun } from '../operations/runs.js';
import { paintGantt } from '../output/paint/gantt.js';
import { ganttSvg } from '../output/paint/gantt-svg.js';
import type { Session } from '../session.js';
import { loadDeployment } from '../state/deployment.js';
import { writePrivate } from '../state/store.js';
import type { CommandHandler } from './command.js';
import { textOption } from './input.js';
import { notesTo } from './notes.js';
import { printResult } from './print-result.js';
import { withSession } from './with-session.js';

/** `waa timeline [RUN|DEPLOYMENT]`: what ran when, what waited for what, what could not be avoided. */
export const handle: CommandHandler = async (call) => {
  const { options, surroundings } = call;
  const operation = textOption(options, 'operation');
  const svg = textOption(options, 'svg');
  const { of, timeline } = await withSession(call, {}, (session) => timelineFor(session, call.args[0], operation));
  const path = criticalPath(timeline);
  const file = svg === undefined ? undefined : resolve(surroundings.cwd, svg);
  if (file !== undefined) await writePrivate(file, ganttSvg(timeline, path), 'the timeline');
  const style = streamsOf(surroundings, call.globals.color).stdout.style();
  const lines = paintGantt(timeline, path, style);
  return printResult(
    call,
    { of, timeline, criticalPath: path, ...(file === undefined ? {} : { file }) },
    file === undefined ? lines : [...lines, `Written to ${file}`],
  );
};

async function timelineFor(
  session: Session,
  given: string | undefined,
  operation: string | undefined,
): Promise<{ readonly of: string; readonly timeline: Timeline }> {
  const { paths } = session;
  const run = given === undefined ? undefined : await findRun(paths, given);
  const of = run ? run.id : await chooseName(session, given);
  const file = run ? join(paths.run(of).directory, RUN_JOURNAL) : paths.deployment(of).journal;
  if (!run) await loadDeployment(paths, of);
  const { events, skipped } = await readJournal(file);
  if (skipped > 0) notesTo(session)(`${counted(skipped, 'line')} of ${file} cannot be read: steps may be missing`);
  const timeline = timelineOf(events, operation === undefined ? undefined : [operation]);
  if (timeline) return { of, timeline };
  const known = [...new Set(events.flatMap((one) => (one.type === 'operation.started' ? [one.data.operation] : [])))];
  const hint = known.length === 0 ? 'waa up' : `recorded are: ${known.join(', ')}`;
  throw fail('USAGE', { problem: `no ${operation ?? 'operation'} of ${of} is recorded`, hint });
}
