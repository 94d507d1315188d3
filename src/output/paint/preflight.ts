import { counted } from '../../counted.js';
import type { CheckResult, PreflightReport } from '../../preflight/report.js';
import { isCritical } from '../../preflight/report.js';
import { mark, type MarkName } from './marks.js';
import type { Style } from './style.js';
import { oneLine, pad, wrap } from './text.js';
import { formatDuration } from './units.js';

/** The report of `waa preflight`: a line a check, below each problem its fixes, at the end a sentence that sums up. */
export function paintPreflight(report: PreflightReport, style: Style): readonly string[] {
  const idWidth = Math.max(0, ...report.checks.map((check) => check.id.length));
  return [...report.checks.flatMap((check) => checkLines(check, idWidth, style)), '', ...summary(report, style)];
}

function checkLines(check: CheckResult, idWidth: number, style: Style): readonly string[] {
  const label = `${pad(check.id, idWidth)}  `;
  const notes = [check.ignored ? 'ignored' : '', check.outcome === 'could-not-run' ? 'could not run' : ''];
  const note = notes
    .filter((part) => part !== '')
    .map((part) => `(${part}) `)
    .join('');
  const [first = '', ...others] = wrap(note + oneLine(check.detail), style.columns - 3 - label.length);
  const margin = ' '.repeat(3 + label.length);
  const lines = [` ${mark(markOf(check), style)} ${label}${first}`, ...others.map((line) => margin + line)];
  if (check.fixed !== undefined) lines.push(...indented(`fixed: ${oneLine(check.fixed)}`, style));
  if (check.outcome === 'problem') {
    check.problem?.fix.forEach((step, index) => lines.push(...indented(`${index + 1}. ${step}`, style)));
  }
  return lines;
}

function indented(text: string, style: Style): readonly string[] {
  return wrap(text, style.columns - 6, '   ').map((line) => style.colour.dim(`      ${line}`));
}

function markOf(check: CheckResult): MarkName {
  return check.outcome === 'problem' && !isCritical(check) ? 'warning' : check.outcome;
}

function summary({ counts, durationMs, outcome }: PreflightReport, style: Style): readonly string[] {
  const parts = [
    `${counts.pass} passed`,
    ...(counts.critical > 0 ? [`${counts.critical} critical`] : []),
    ...(counts.warning > 0 ? [counted(counts.warning, 'warning')] : []),
    ...(counts.couldNotRun > 0 ? [`${counts.couldNotRun} could not run`] : []),
    ...(counts.skipped > 0 ? [`${counts.skipped} did not apply`] : []),
  ];
  const paint =
    outcome === 'pass' ? style.colour.green : outcome === 'critical' ? style.colour.red : style.colour.yellow;
  const verdict = { pass: 'Ready.', warnings: 'Ready, with warnings.', critical: 'Not ready.' }[outcome];
  return wrap(`${verdict} ${parts.join(', ')}, in ${formatDuration(durationMs)}.`, style.columns).map(paint);
}
