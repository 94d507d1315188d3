import { writeReport, type WrittenReport } from '../benchmark/report/write-report.js';
import type { RunSummary } from '../benchmark/summary.js';
import { shippedTaskIndex } from '../benchmark/task-index.js';
import { asWaaError } from '../failures/waa-error.js';
import type { Session } from '../session.js';
import type { OpenDeployment } from './open-deployment.js';
import { runTasks, type RunTasksRequest } from './run-tasks.js';
import { findRun, type KnownRun } from './runs.js';

/** Writes the report files of a run into its folder. */
export function reportRun(session: Session, run: KnownRun): Promise<WrittenReport> {
  return writeReport({
    directory: session.paths.run(run.id).directory,
    head: run.head,
    lines: run.lines,
    index: shippedTaskIndex(),
    redact: session.redact,
  });
}

export interface ReportedRun {
  readonly summary: RunSummary;
  /** The page of the report; undefined when it could not be written, which a warning told. */
  readonly page: string | undefined;
}

/** Runs tasks and writes the report, also of a run that failed. Raises what the run raised. */
export async function runAndReport(
  session: Session,
  open: OpenDeployment,
  request: RunTasksRequest,
): Promise<ReportedRun> {
  try {
    const summary = await runTasks(session, open, request);
    return { summary, page: await tryReport(session, request.runId) };
  } catch (error) {
    // A person who pressed Ctrl-C waits for the prompt; `waa report` writes it whenever it is wanted.
    if (!session.signal.aborted) await tryReport(session, request.runId);
    throw error;
  }
}

async function tryReport(session: Session, runId: string): Promise<string | undefined> {
  try {
    const run = await findRun(session.paths, runId);
    return run && (await reportRun(session, run)).page;
  } catch (error) {
    const text = `the report could not be written: ${asWaaError(error).message}`;
    session.emit('log', { component: 'report' }, text, { level: 'warn' });
    return undefined;
  }
}
