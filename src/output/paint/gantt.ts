import type { CriticalPath } from '../../events/critical-path.js';
import type { Span, SpanKind } from '../../events/spans.js';
import type { Timeline } from '../../events/timeline.js';
import type { Style } from './style.js';
import { pad, truncate, wrap } from './text.js';
import { formatDuration } from './units.js';

const NAME_COLUMNS = 30;
const TIME_COLUMNS = 12;
/** Steps shorter than this part of the whole are summed up: no bar could show them. */
const SHORTEST_PART = 0.002;

/** Marks of the kinds, with and without Unicode; work on the longest chain has its own. */
const MARKS: Readonly<Record<SpanKind | 'chain', readonly [unicode: string, ascii: string]>> = {
  chain: ['█', '#'],
  work: ['▓', '='],
  proof: ['░', '.'],
  repair: ['x', 'x'],
  wait: ['~', '~'],
};

/** A Gantt of what ran when, no wider than the style; the steps of the longest unavoidable chain stand out. */
export function paintGantt(timeline: Timeline, path: CriticalPath, style: Style): readonly string[] {
  const { fromMs, toMs, spans, operation } = timeline;
  const totalMs = Math.max(1, toMs - fromMs);
  const room = Math.max(10, style.columns - NAME_COLUMNS - TIME_COLUMNS - 3);
  const chain = new Set(path.chain.map((span) => span.id));
  const symbol = style.unicode ? 0 : 1;
  const row = (span: Span): string => {
    const begin = Math.min(room - 1, Math.floor(((span.fromMs - fromMs) / totalMs) * room));
    const width = Math.max(1, Math.round(((span.toMs - span.fromMs) / totalMs) * room));
    const mark = MARKS[chain.has(span.id) ? 'chain' : span.kind][symbol];
    const bar = `${' '.repeat(begin)}${mark.repeat(Math.min(width, room - begin))}`;
    const name = pad(truncate(`  ${span.name}`, NAME_COLUMNS, style), NAME_COLUMNS);
    return `${name} ${pad(bar, room)} ${pad(formatDuration(span.toMs - span.fromMs), TIME_COLUMNS, 'right')}`.trimEnd();
  };
  const shown = spans.filter((span) => span.toMs - span.fromMs >= totalMs * SHORTEST_PART);
  const workers = [...new Set(shown.map((span) => span.worker))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  const rows = workers.flatMap((worker) => [
    style.colour.bold(worker === '' ? 'shared' : worker),
    ...shown.filter((span) => span.worker === worker).map(row),
  ]);
  const hidden = spans.length - shown.length;
  const state = timeline.isOver ? '' : ', not over';
  return [
    `${operation}: ${formatDuration(totalMs)}${state}`,
    ...rows,
    ...(hidden === 0 ? [] : [`  and ${hidden} shorter steps`]),
    '',
    ...pathLines(path).flatMap((line) => wrap(line, style.columns, '  ')),
    legend(symbol),
  ];
}

function pathLines({ chainMs, totalMs, ratio, byKindMs, idleMs }: CriticalPath): readonly string[] {
  const share = ((ratio - 1) * 100).toFixed(1);
  return [
    `Longest unavoidable chain ${formatDuration(chainMs)}; the whole is ${formatDuration(totalMs - chainMs)} (${share} %) above it.`,
    `Proofs ${formatDuration(byKindMs.proof)}, repairs ${formatDuration(byKindMs.repair)}, back-off ${formatDuration(byKindMs.wait)}, nothing recorded ${formatDuration(idleMs)}.`,
  ];
}

function legend(symbol: 0 | 1): string {
  const names = [
    ['chain', 'longest chain'],
    ['work', 'beside it'],
    ['proof', 'proof'],
    ['repair', 'repair'],
    ['wait', 'back-off'],
  ] as const;
  return names.map(([kind, name]) => `${MARKS[kind][symbol]} ${name}`).join('  ');
}
