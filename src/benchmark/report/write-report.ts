import { join } from 'node:path';
import { readJournal } from '../../events/journal.js';
import { writePrivate } from '../../state/store.js';
import { attemptIdOf } from '../attempt.js';
import type { QueueLine, RunHead } from '../run-record.js';
import type { TaskIndex } from '../task-index.js';
import { attemptFolders, collectSteps } from './collect-steps.js';
import { resultsCsv } from './csv.js';
import { healthChecks, timelineCsv } from './diagnostics.js';
import { reportPage } from './html/page.js';
import { junitXml } from './junit.js';
import { workerMarks } from './marks.js';
import { summaryMarkdown } from './markdown.js';
import { buildReport, type RunReport } from './model.js';
import { allResult, missing } from './upstream.js';

/** Journal of everything that happened during a run, below its folder. */
export const RUN_JOURNAL = join('diagnostics', 'events.jsonl');

/** How the workers came up, below the run's folder; written when a run begins, because `down` takes the journal along. */
export const SETUP_LOG = join('diagnostics', 'setup.log');

/** A run that is read, with its folder. */
export interface ReportSource {
  readonly directory: string;
  readonly head: RunHead;
  readonly lines: readonly QueueLine[];
  readonly index: TaskIndex;
  /** Removes secrets: the files are made to be sent to others. */
  readonly redact: (text: string) => string;
}

export interface WrittenReport {
  readonly report: RunReport;
  /** Absolute paths. */
  readonly files: readonly string[];
  readonly page: string;
}

/**
 * Writes every report file into the run's folder, replacing earlier ones: results.json, results.csv, junit.xml, summary.md,
 * report.html, cost_breakdown.json; diagnostics/timeline.csv and health_checks.json; all_result.json and missing.json as
 * upstream's show_result.py leaves them. Raises OWN_STATE_UNWRITABLE.
 */
export async function writeReport(source: ReportSource): Promise<WrittenReport> {
  const { directory, head, lines, index, redact } = source;
  const report = buildReport(head, lines, index);
  const { events } = await readJournal(join(directory, RUN_JOURNAL));
  const shown = await collectSteps(report, attemptIdOf, attemptFolders(directory));
  const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
  const { summary, failures, cost, attempts } = report;
  const contents: Readonly<Record<string, string>> = {
    'results.json': redact(json({ v: 1, run: head, summary, failures, cost, attempts })),
    'results.csv': redact(resultsCsv(report)),
    'junit.xml': redact(junitXml(report)),
    'summary.md': redact(summaryMarkdown(report)),
    'all_result.json': json(allResult(report)),
    'missing.json': json(missing(report)),
    ...(cost ? { 'cost_breakdown.json': json({ v: 1, currency: 'USD', modelCostIncluded: false, ...cost }) } : {}),
    [join('diagnostics', 'timeline.csv')]: redact(timelineCsv(events)),
    [join('diagnostics', 'health_checks.json')]: redact(json(healthChecks(events))),
    'report.html': redact(reportPage(report, shown, workerMarks(events))),
  };
  const files = Object.keys(contents).map((name) => join(directory, name));
  for (const [name, content] of Object.entries(contents)) {
    await writePrivate(join(directory, name), content, 'the report');
  }
  return { report, files, page: join(directory, 'report.html') };
}
