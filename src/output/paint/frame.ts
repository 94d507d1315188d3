import { progressOf } from '../../events/progress.js';
import type { FaultView, RecentView, View } from '../../events/view.js';
import { formatUsd } from '../../money.js';
import { paintProgress } from './bar.js';
import { paintLayers } from './layers.js';
import type { Style } from './style.js';
import { paintTasks } from './tasks.js';
import { oneLine, truncate } from './text.js';
import { formatClock, formatDuration } from './units.js';

export interface FrameOptions {
  /** Recent events shown, newest last. */
  readonly recent: number;
}

/** The live screen: operation, layers, tasks, open faults, recent events. Every line fits the style's columns. */
export function paintFrame(
  view: View,
  now: number,
  style: Style,
  options: FrameOptions = { recent: 4 },
): readonly string[] {
  const sections = [
    header(view, now, style),
    paintLayers(view, now, style),
    paintTasks(view, now, style),
    view.faults
      .filter((fault) => fault.recoveredBy === undefined)
      .slice(-2)
      .map((fault) => faultLine(fault, style)),
    options.recent === 0 ? [] : view.recent.slice(-options.recent).map((line) => recentLine(line, style)),
  ];
  const filled = sections.filter((section) => section.length > 0);
  return filled.flatMap((section, index) => (index === 0 ? section : ['', ...section]));
}

/** Name and money on the first line, how far on the second. */
function header(view: View, now: number, style: Style): readonly string[] {
  const progress = progressOf(view, now);
  if (!view.operation || !progress) return [];
  const { operation, deployment } = view.operation;
  const title = style.colour.bold(oneLine(`${operation} ${deployment ?? ''}`));
  const facts = [title, `step ${progress.step} of ${progress.totalSteps}`, formatDuration(progress.elapsedMs)];
  if (view.cost) facts.push(`${formatUsd(view.cost.usd)} (${formatUsd(view.cost.hourlyUsd)}/h)`);
  const left = view.operation.ok === undefined ? progress.etaMs : undefined;
  const bar = paintProgress(progress.percent, left, 24, style);
  return [facts.join('   '), `${bar}   ${oneLine(progress.phase)}`].map((line) => truncate(line, style.columns, style));
}

function faultLine({ layer, worker, fault }: FaultView, style: Style): string {
  const where = worker === undefined ? layer : `${worker} ${layer}`;
  return truncate(`${style.colour.red(fault.code)}  ${where}: ${oneLine(fault.symptom)}`, style.columns, style);
}

function recentLine(line: RecentView, style: Style): string {
  const { colour } = style;
  const paint = line.level === 'error' ? colour.red : line.level === 'warn' ? colour.yellow : colour.dim;
  const who = line.worker === undefined ? '' : `${line.worker} `;
  return truncate(`${colour.grey(formatClock(line.at))} ${who}${paint(oneLine(line.text))}`, style.columns, style);
}
