import type { ShownTask } from '../collect-steps.js';
import { escapeMarkup as e } from '../escape.js';
import type { RunReport } from '../model.js';
import { moment } from '../words.js';
import { domains, failures, rates, tiles, timeline, times, type WorkerMark } from './sections.js';
import { STYLE } from './style.js';
import { taskSections } from './tasks.js';

/**
 * The whole report as one HTML document. It loads nothing and runs no script; its content policy forbids both, so that
 * text from a worker could not do either even if it slipped through the escaping. Pure.
 */
export function reportPage(
  report: RunReport,
  shown: ReadonlyMap<string, ShownTask>,
  marks: readonly WorkerMark[],
): string {
  const { head, summary } = report;
  const title = `${head.agent} with ${head.model}: run ${head.runId}`;
  const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
  const unfinished = summary.complete
    ? ''
    : `<p class="note">Not finished: ${summary.waiting} tasks wait. Go on with <code>waa run --resume ${e(head.runId)}</code>.</p>`;
  const when = report.beganAt === undefined ? head.createdAt : moment(report.beganAt);
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${e(title)}</title><link rel="icon" href="data:,"><style>${STYLE}</style></head><body><main>`,
    `<p class="soft small">Windows Agent Arena · run ${e(head.runId)} · ${e(when)}</p>`,
    `<h1>${e(head.agent)} with ${e(head.model)}</h1>${unfinished}`,
    tiles(report),
    rates(report),
    domains(report),
    failures(report),
    timeline(report, marks),
    times(report),
    taskSections(report.tasks, shown),
    conditions(report),
    '</main></body></html>\n',
  ].join('\n');
}

/** What the run was made with: everything plain in run.json. */
function conditions({ head }: RunReport): string {
  const rows = Object.entries(head).flatMap(([name, value]) => flat(name, value));
  const list = rows.map(([name, value]) => `<dt>${e(name)}</dt><dd>${e(value)}</dd>`).join('');
  return `<section id="conditions"><h2>Made with</h2><dl>${list}</dl></section>`;
}

function flat(name: string, value: unknown): readonly (readonly [string, string])[] {
  if (value === undefined || value === null || name === 'tasks') return [];
  if (typeof value !== 'object') return [[name, typeof value === 'string' ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => flat(`${name}.${key}`, inner));
}
