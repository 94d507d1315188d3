import { counted } from '../../../counted.js';
import { formatUsd } from '../../../money.js';
import type { Rates } from '../../summary.js';
import { escapeMarkup as e } from '../escape.js';
import type { AttemptRow, RunReport, TaskReport } from '../model.js';
import { duration, moment, percent, percentRange, resetWords, score } from '../words.js';
import { barChart, laneChart, legend, type Stretch } from './charts.js';

/** Something that happened to a worker beside its tasks: a fault seen, a repair. Epoch ms. */
export interface WorkerMark {
  readonly worker: string;
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Name of a task's colour, and how its state is called. */
export function look(task: Pick<TaskReport | AttemptRow, 'state' | 'score'>): { colour: string; word: string } {
  if (task.state !== 'scored') return { colour: task.state, word: task.state.replace('_', ' ') };
  if (task.score === 1) return { colour: 'passed', word: 'solved' };
  return (task.score ?? 0) > 0
    ? { colour: 'partial', word: `score ${score(task.score ?? 0)}` }
    : { colour: 'failed', word: 'not solved' };
}

/** The figures of the whole run in large print. */
export function tiles({ summary, cost, beganAt, endedAt, workers }: RunReport): string {
  const { all } = summary;
  const wall = beganAt === undefined || endedAt === undefined ? 0 : endedAt - beganAt;
  const perTask = cost && all.planned > 0 ? `, ${formatUsd(cost.totalUsd / all.planned)} a task` : '';
  const entries: readonly (readonly [string, string])[] = [
    [percent(all.overValid), `success over ${all.valid} valid tasks`],
    [percent(all.overPlanned), `success over ${all.planned} planned tasks`],
    [percentRange(all.interval), '95 % interval (Wilson)'],
    [duration(wall), `on ${counted(workers.length, 'worker')}`],
    [cost ? formatUsd(cost.totalUsd) : 'unknown', `worker time${perTask}`],
    [String(summary.infraFailures), 'attempts spoiled by infrastructure, none counted as a zero'],
  ];
  const tile = ([figure, text]: readonly [string, string]): string =>
    `<div class="tile"><b>${e(figure)}</b><span>${e(text)}</span></div>`;
  return `<div class="tiles">${entries.map(tile).join('')}</div>`;
}

/** Success over all tasks and without the infeasible ones, as a table with intervals. */
export function rates({ summary }: RunReport): string {
  const row = (name: string, group: Rates): string =>
    `<tr><td>${e(name)}</td><td class="n">${group.planned}</td><td class="n">${group.valid}</td><td class="n">${score(group.scoreSum)}</td>` +
    `<td class="n">${percent(group.overValid)}</td><td class="n">${percentRange(group.interval)}</td><td class="n">${percent(group.overPlanned)}</td></tr>`;
  const head = ['planned', 'valid', 'score', 'over valid', '95 % interval', 'over planned'];
  const repeated = summary.tasks.some((task) => /#\d+$/.test(task.task));
  return (
    `<section><h2>Success</h2><div class="scroll"><table><tr><th></th>${head.map((name) => `<th class="n">${name}</th>`).join('')}</tr>` +
    `${row('all tasks', summary.all)}${row('without infeasible tasks', summary.feasible)}</table></div>` +
    '<p class="soft small">Valid: scored, or ended by the agent itself (error, time limit). A task that infrastructure or the evaluator ' +
    'spoiled is planned, not valid. An infeasible task is solved by giving up. The interval counts full scores over valid tasks.' +
    `${repeated ? ' Tasks were repeated: repetitions of one task are alike, so the interval is narrower than it should be.' : ''}</p></section>`
  );
}

/** Success by domain as bars, best first. */
export function domains({ summary }: RunReport): string {
  const bars = Object.entries(summary.domains)
    .toSorted(([, a], [, b]) => (b.overValid ?? -1) - (a.overValid ?? -1))
    .map(([name, group]) => ({
      name,
      share: group.overValid ?? 0,
      value: `${percent(group.overValid)} of ${group.valid}`,
      colour: 'passed',
      interval: group.interval,
      title: `${name}: ${score(group.scoreSum)} of ${group.valid} valid, ${group.planned} planned; 95 % interval ${percentRange(group.interval)}`,
    }));
  return (
    `<section id="domains"><h2>Success by domain</h2>${barChart(bars, 'Success by domain')}` +
    '<p class="soft small">Over valid tasks. The line is the 95 % interval: with few tasks it is wide.</p></section>'
  );
}

/** Attempts without a score by the class of what went wrong. */
export function failures({ failures: classes, attempts }: RunReport): string {
  const most = Math.max(1, ...classes.map((row) => row.attempts));
  const body =
    classes.length === 0
      ? `<p>${attempts.some((row) => row.state === 'scored') ? 'Every attempt that ended has a score.' : 'No attempt has ended.'}</p>`
      : barChart(
          classes.map((row) => ({
            name: `${row.state.replace('_', ' ')}${row.reason === '' ? '' : `: ${row.reason}`}`,
            share: row.attempts / most,
            value: `${counted(row.attempts, 'attempt')}, ${counted(row.tasks, 'task')}`,
            colour: row.state,
          })),
          'Failure classes',
        );
  return `<section id="failures"><h2>Failure classes</h2>${body}</section>`;
}

/** How long each task took over all its attempts, longest first; empty when none was tried. */
export function times({ tasks, cost, summary }: RunReport): string {
  const spent = (task: TaskReport): number => task.rows.reduce((sum, row) => sum + (row.durationMs ?? 0), 0);
  const tried = tasks.filter((task) => task.rows.length > 0).toSorted((a, b) => spent(b) - spent(a));
  if (tried.length === 0) return '';
  const longest = Math.max(1, ...tried.map(spent));
  const bars = (
    colour: (task: TaskReport) => string,
    value: (task: TaskReport) => string,
    share: (task: TaskReport) => number,
  ): string =>
    `<div class="tall">${barChart(
      tried.map((task) => ({ name: task.task, share: share(task), value: value(task), colour: colour(task) })),
      'Tasks',
    )}</div>`;
  const time = `<section id="times"><h2>Time per task</h2>${bars(
    (task) => look(task).colour,
    (task) => duration(spent(task)),
    (task) => spent(task) / longest,
  )}<p class="soft small">All attempts of a task together, longest first.${summary.reset ? ` ${e(resetWords(summary.reset))}` : ''}</p></section>`;
  if (!cost) return time;
  const dearest = Math.max(1e-9, ...tried.map((task) => task.costUsd ?? 0));
  const split: readonly (readonly [string, number])[] = [
    ['compute', cost.computeUsd],
    ['disk and address', cost.storageUsd],
    ['of it: attempts spoiled by infrastructure', cost.spoiledUsd],
    ['of it: worker without a task', cost.idleUsd],
  ];
  return (
    `${time}<section id="costs"><h2>Cost per task</h2>${bars(
      () => 'accent',
      (task) => formatUsd(task.costUsd ?? 0),
      (task) => (task.costUsd ?? 0) / dearest,
    )}<p class="small">${split.map(([name, value]) => `${e(name)} <b>${formatUsd(value)}</b>`).join(' · ')}</p>` +
    `<p class="soft small">${cost.workerHours.toFixed(2)} worker hours at ${formatUsd(cost.prices.vmUsdPerHour)} (${e(cost.prices.source)} price of ${e(cost.prices.asOf.slice(0, 10))}). ` +
    'What the provider of the model charges is not in these figures.</p></section>'
  );
}

/** What ran when on which worker, and what happened to the workers; empty before the first attempt. */
export function timeline(report: RunReport, marks: readonly WorkerMark[]): string {
  const { attempts, workers, beganAt, endedAt } = report;
  if (beganAt === undefined || endedAt === undefined || attempts.length === 0) return '';
  const lanes = workers.map((name) => ({
    name,
    stretches: attempts
      .filter((row) => row.worker === name)
      .map((row): Stretch => {
        const to = row.endedAt ?? endedAt;
        const { colour, word } = look(row);
        const title = `${row.task}, attempt ${row.attempt}: ${word}, ${duration(to - row.startedAt)} from ${moment(row.startedAt)}`;
        return { from: row.startedAt, to, colour, title };
      }),
    marks: marks
      .filter((mark) => mark.worker === name && mark.to >= beganAt && mark.from <= endedAt)
      .map((mark): Stretch => ({
        from: Math.max(beganAt, mark.from),
        to: Math.min(endedAt, mark.to),
        colour: 'infra_error',
        title: mark.text,
      })),
  }));
  const seen = new Map(
    [...attempts].map((row) => [look(row).colour, look(row).word.replace(/^score .*/, 'partly solved')]),
  );
  const axis = [beganAt, (beganAt + endedAt) / 2, endedAt]
    .map((ms) => `<span>${moment(ms).slice(11, 16)}</span>`)
    .join('');
  const entries: readonly (readonly [string, string])[] = [...seen];
  return (
    `<section id="timeline"><h2>Who did what when</h2>${laneChart(lanes, [beganAt, endedAt])}<div class="axis">${axis}</div>` +
    legend(
      lanes.some((lane) => lane.marks.length > 0)
        ? [...entries, ['infra_error', 'upper edge: fault or repair']]
        : entries,
    ) +
    `<p class="soft small">${moment(beganAt)} to ${moment(endedAt)}. A gap is set-up, repair or waiting. Point at a bar for its task.</p></section>`
  );
}
