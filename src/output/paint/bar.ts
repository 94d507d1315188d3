import type { Style } from './style.js';
import { formatEta, formatPercent } from './units.js';

/** A bar of `width` columns, filled to `percent` (0..100; outside is cut). */
export function paintBar(percent: number, width: number, style: Style): string {
  const share = Math.min(100, Math.max(0, Number.isFinite(percent) ? percent : 0)) / 100;
  const full = Math.round(share * width);
  const [done, open] = style.unicode ? ['█', '░'] : ['#', '-'];
  return style.colour.cyan(done.repeat(full)) + style.colour.grey(open.repeat(width - full));
}

/** A bar with its number and what is left: `████░░░░  41 %  ETA 6 min`. The parts that are unknown are left out. */
export function paintProgress(
  percent: number | undefined,
  etaMs: number | undefined,
  width: number,
  style: Style,
): string {
  const parts: string[] = [];
  if (percent !== undefined) parts.push(paintBar(percent, width, style), formatPercent(percent).padStart(5));
  if (etaMs !== undefined) parts.push(`ETA ${formatEta(etaMs)}`);
  return parts.join(' ');
}
