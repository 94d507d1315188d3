import { counted } from '../../counted.js';
import { formatUsd } from '../../money.js';
import type { Rates } from '../summary.js';
import type { RunReport } from './model.js';
import { duration, percent, percentRange, resetWords, score } from './words.js';

/** A summary for a pull request or an issue, in GitHub's Markdown. */
export function summaryMarkdown(report: RunReport): string {
  const { head, summary, cost } = report;
  const rate = (name: string, rates: Rates): readonly string[] => [
    name,
    String(rates.planned),
    String(rates.valid),
    score(rates.scoreSum),
    percent(rates.overValid),
    percentRange(rates.interval),
    percent(rates.overPlanned),
  ];
  const domains = Object.entries(summary.domains).map(([name, rates]) => rate(name, rates));
  const wall = report.beganAt === undefined || report.endedAt === undefined ? 0 : report.endedAt - report.beganAt;
  return [
    `# Run ${text(head.runId)}`,
    `${text(head.agent)} with ${text(head.model)}, at most ${head.maxSteps} steps and ${head.taskTimeoutS} s a task.`,
    ...(summary.complete ? [] : ['**Not finished**: rates over planned tasks count what is missing as not solved.']),
    table(
      ['', 'planned', 'valid', 'score', 'success over valid', '95 % interval', 'over planned'],
      [rate('all tasks', summary.all), rate('without infeasible', summary.feasible), ...domains],
    ),
    `Valid: scored, or ended by the agent (error, time limit). The interval is Wilson's, of full scores over valid tasks.`,
    `${duration(wall)} on ${counted(report.workers.length, 'worker')}; ${counted(summary.infraFailures, 'attempt')} spoiled by infrastructure, none counted as a zero.` +
      (summary.reset ? ` ${resetWords(summary.reset)}` : '') +
      (cost ? ` Worker time ${formatUsd(cost.totalUsd)} (the model's own price is not in it).` : ''),
    ...(report.failures.length === 0
      ? []
      : [
          '## Failures',
          table(
            ['state', 'cause', 'attempts', 'tasks'],
            report.failures.map((row) => [row.state, row.reason, String(row.attempts), String(row.tasks)]),
          ),
        ]),
    '## Tasks',
    table(
      ['task', 'state', 'score', 'attempts', 'steps', 'time', 'cost'],
      report.tasks.map((task) => [
        task.task,
        task.state,
        task.score === null ? '' : score(task.score),
        String(task.attempts),
        String(task.steps),
        duration(task.durationMs),
        task.costUsd === undefined ? '' : formatUsd(task.costUsd),
      ]),
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(text).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Text that may hold anything, as one line that Markdown shows and does not interpret. */
function text(raw: string): string {
  return raw.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|~]/g, (sign) => `\\${sign}`);
}
