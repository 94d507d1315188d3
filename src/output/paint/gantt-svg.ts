import type { CriticalPath } from '../../events/critical-path.js';
import type { Span } from '../../events/spans.js';
import type { Timeline } from '../../events/timeline.js';
import { formatDuration } from './units.js';

const WIDTH = 1100;
const NAMES = 300;
const ROW = 18;
const TOP = 48;
const COLOURS = { chain: '#c2410c', work: '#2563eb', proof: '#94a3b8', repair: '#b91c1c', wait: '#a16207' } as const;

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/[\u0000-\u001f]/g, ' ');

/** The Gantt as one SVG image, with what each step waited for as lines. */
export function ganttSvg(timeline: Timeline, path: CriticalPath): string {
  const { spans, fromMs, toMs, operation } = timeline;
  const totalMs = Math.max(1, toMs - fromMs);
  const chain = new Set(path.chain.map((span) => span.id));
  const sorted = [...spans].sort(
    (a, b) => a.worker.localeCompare(b.worker, 'en', { numeric: true }) || a.fromMs - b.fromMs,
  );
  const rowOf = new Map(sorted.map((span, index) => [span.id, index]));
  const x = (ms: number): number => NAMES + ((ms - fromMs) / totalMs) * (WIDTH - NAMES - 90);
  const y = (span: Span): number => TOP + (rowOf.get(span.id) ?? 0) * ROW;
  const bar = (span: Span): string => {
    const left = x(span.fromMs);
    const width = Math.max(1, x(span.toMs) - left);
    const colour = COLOURS[chain.has(span.id) ? 'chain' : span.kind];
    const title = escape(`${span.worker} ${span.lane}: ${span.name}, ${formatDuration(span.toMs - span.fromMs)}`);
    return (
      `<text x="8" y="${y(span) + 12}">${escape(`${span.worker} ${span.name}`.trim().slice(0, 46))}</text>` +
      `<rect x="${left.toFixed(1)}" y="${y(span) + 3}" width="${width.toFixed(1)}" height="${ROW - 6}" fill="${colour}"><title>${title}</title></rect>` +
      `<text x="${(left + width + 4).toFixed(1)}" y="${y(span) + 12}" fill="#555">${formatDuration(span.toMs - span.fromMs)}</text>`
    );
  };
  const wire = (span: Span): string =>
    span.after
      .flatMap((id) => spans[id] ?? [])
      .map((from) => {
        const [x1, y1, x2, y2] = [x(from.toMs), y(from) + ROW / 2, x(span.fromMs), y(span) + ROW / 2];
        return `<path d="M${x1.toFixed(1)} ${y1}V${y2}H${x2.toFixed(1)}" fill="none" stroke="#cbd5e1"/>`;
      })
      .join('');
  const height = TOP + sorted.length * ROW + 16;
  const head = `${operation}: ${formatDuration(totalMs)}; longest unavoidable chain ${formatDuration(path.chainMs)}, the whole is ${path.ratio.toFixed(2)} times that`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="8" y="22" font-size="14">${escape(head)}</text>`,
    ...sorted.map(wire),
    ...sorted.map(bar),
    '</svg>',
    '',
  ].join('\n');
}
