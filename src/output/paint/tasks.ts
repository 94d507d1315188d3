import type { TaskView, View } from '../../events/view.js';
import { mark } from './marks.js';
import type { Style } from './style.js';
import { paintTable, type Column } from './table.js';
import { oneLine, truncate } from './text.js';
import { formatDuration } from './units.js';

/** The tasks that run now, and a line that counts the others. Empty before the first task. */
export function paintTasks(view: View, now: number, style: Style): readonly string[] {
  if (view.tasks.length === 0) return [];
  const running = view.tasks.filter((task) => task.state === undefined);
  const columns: readonly Column<TaskView>[] = [
    { title: 'worker', cell: (task) => task.worker ?? '' },
    { title: 'task', cell: (task) => oneLine(task.task), shrinkTo: 24 },
    { title: 'step', cell: stepOf, align: 'right' },
    { title: 'time', cell: (task) => formatDuration(now - task.startedAt), align: 'right' },
    { title: 'try', cell: (task) => String(task.attempt), align: 'right' },
  ];
  const table = running.length === 0 ? [] : paintTable(columns, running, style);
  return [truncate(countLine(view, running.length, style), style.columns, style), ...table];
}

function stepOf(task: TaskView): string {
  if (task.step === undefined) return '';
  return task.maxSteps === undefined ? String(task.step) : `${task.step}/${task.maxSteps}`;
}

/** `Tasks  8 of 20 done   ✔ 6 scored (4 solved)   ! 2 infra_error   3 running` */
function countLine(view: View, running: number, style: Style): string {
  const done = view.tasks.filter((task) => task.state !== undefined);
  const ended = view.tasksBefore + done.length;
  const parts = [`${style.colour.bold('Tasks')}  ${ended} of ${Math.max(view.totalTasks, view.tasks.length)} done`];
  for (const state of ['scored', 'agent_error', 'timeout', 'infra_error', 'eval_error', 'cancelled'] as const) {
    const those = done.filter((task) => task.state === state);
    if (those.length === 0) continue;
    const solved = state === 'scored' ? ` (${those.filter((task) => (task.score ?? 0) >= 1).length} solved)` : '';
    parts.push(`${mark(state, style)} ${those.length} ${state}${solved}`);
  }
  if (running > 0) parts.push(`${running} running`);
  return parts.join('   ');
}
