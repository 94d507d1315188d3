import { counted } from '../../../counted.js';
import { formatUsd } from '../../../money.js';
import type { ShownStep, ShownTask } from '../collect-steps.js';
import { escapeMarkup as e } from '../escape.js';
import type { TaskReport } from '../model.js';
import { duration, moment } from '../words.js';
import { look } from './sections.js';

/** A fold for every task: its attempts, its steps with pictures, how it ended. */
export function taskSections(tasks: readonly TaskReport[], shown: ReadonlyMap<string, ShownTask>): string {
  const folds = tasks.map((task) => fold(task, shown.get(task.task)));
  return `<section id="tasks"><h2>Tasks</h2>${folds.join('')}</section>`;
}

function fold(task: TaskReport, shown: ShownTask | undefined): string {
  const { colour, word } = look(task);
  const more = [
    counted(task.attempts, 'attempt'),
    `${task.steps} steps`,
    duration(task.durationMs),
    ...(task.costUsd === undefined ? [] : [formatUsd(task.costUsd)]),
    ...(task.feasible ? [] : ['infeasible']),
  ].join(' · ');
  const head =
    `<summary><span class="id">${e(task.task)}</span>` +
    `<span class="state"><i class="dot" style="--c:var(--${colour})"></i>${e(word)}</span><span class="more">${e(more)}</span></summary>`;
  return `<details id="${e(anchor(task.task))}">${head}${attempts(task)}${shown ? steps(shown) : ''}</details>`;
}

/** The place of a task in the page, for links from elsewhere. */
function anchor(task: string): string {
  return task.replace(/[^\w-]+/g, '-');
}

function attempts(task: TaskReport): string {
  if (task.rows.length === 0) return '<p class="soft">Not begun.</p>';
  const rows = task.rows.map((row) => {
    const reset = row.resetMs === undefined ? '' : `, ${duration(row.resetMs)} of it reset`;
    const took = row.durationMs === undefined ? '' : `${duration(row.durationMs)}${reset}`;
    const cells = [String(row.attempt), row.worker, moment(row.startedAt), took, look(row).word, row.reason];
    return `<tr>${cells.map((cell) => `<td>${e(cell)}</td>`).join('')}</tr>`;
  });
  const head = ['attempt', 'worker', 'began', 'took', 'ended', 'why'].map((name) => `<th>${name}</th>`).join('');
  return `<div class="scroll"><table><tr>${head}</tr>${rows.join('')}</table></div>`;
}

function steps(shown: ShownTask): string {
  const notes = [
    ...(shown.leftOut > 0 ? [`${shown.leftOut} more pictures in attempts/${shown.attemptId}`] : []),
    ...(shown.unreadable > 0 ? [`${shown.unreadable} lines of traj.jsonl could not be read`] : []),
  ];
  const crash = shown.crash === undefined ? '' : `<p>The agent crashed:</p><pre>${e(shown.crash.slice(0, 4000))}</pre>`;
  const note = notes.length === 0 ? '' : `<p class="soft small">${e(notes.join(' · '))}</p>`;
  return `<ol class="steps">${shown.steps.map(step).join('')}</ol>${crash}${note}`;
}

function step({ number, action, window, png }: ShownStep): string {
  const alt = `Screen at step ${number}`;
  const picture = png
    ? `<img alt="${alt}" loading="lazy" decoding="async" src="data:image/png;base64,${png.toString('base64')}">`
    : '';
  const title = window === '' ? '' : ` <span class="soft">${e(window)}</span>`;
  return `<li>${picture}<div><b>${number === 0 ? 'reset' : number}</b>${title}<pre>${e(action.slice(0, 2000))}</pre></div></li>`;
}
