import { escapeMarkup } from '../escape.js';

/** A row of a bar chart. Shares are 0..1 of the width. */
export interface Bar {
  readonly name: string;
  readonly share: number;
  /** Text at the right end. */
  readonly value: string;
  /** A CSS colour name of the page's style, such as `passed`. */
  readonly colour: string;
  /** Drawn as a thin line with ends: what is still compatible with the figure. */
  readonly interval?: readonly [number, number] | null;
  readonly title?: string;
}

/** Horizontal bars. The names are HTML beside the drawing, so that they stay readable at any width. */
export function barChart(bars: readonly Bar[], label: string): string {
  const rows = bars.map((bar) => {
    const title = `<title>${escapeMarkup(bar.title ?? `${bar.name}: ${bar.value}`)}</title>`;
    const drawing = `${rect(0, 100, 'track')}${rect(0, bar.share * 100, bar.colour)}${whisker(bar.interval ?? null)}`;
    return (
      `<span class="name" title="${escapeMarkup(bar.name)}">${escapeMarkup(bar.name)}</span>` +
      `<svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img">${title}${drawing}</svg>` +
      `<span class="val">${escapeMarkup(bar.value)}</span>`
    );
  });
  return `<div class="bars" role="group" aria-label="${escapeMarkup(label)}">${rows.join('')}</div>`;
}

/** One stretch of a worker's time; times in epoch ms. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly colour: string;
  readonly title: string;
}

/** A lane a worker over the same time axis. */
export function laneChart(
  lanes: readonly {
    readonly name: string;
    readonly stretches: readonly Stretch[];
    readonly marks: readonly Stretch[];
  }[],
  [begin, end]: readonly [number, number],
): string {
  const at = (ms: number): number => ((ms - begin) / Math.max(1, end - begin)) * 1000;
  const rows = lanes.map(({ name, stretches, marks }) => {
    const shapes = stretches.map((one) => {
      const width = Math.max(1.5, at(one.to) - at(one.from) - 1);
      return box(at(one.from), width, 2, 16, one.colour, one.title);
    });
    const ticks = marks.map((one) =>
      box(at(one.from), Math.max(2, at(one.to) - at(one.from)), 0, 3, one.colour, one.title),
    );
    const drawing = `<rect x="0" y="9" width="1000" height="2" style="fill:var(--track)"/>${shapes.join('')}${ticks.join('')}`;
    return (
      `<div class="lane"><span>${escapeMarkup(name)}</span>` +
      `<svg viewBox="0 0 1000 20" preserveAspectRatio="none" role="img" aria-label="${escapeMarkup(name)}">${drawing}</svg></div>`
    );
  });
  return rows.join('');
}

/** What the colours of a chart mean. */
export function legend(entries: readonly (readonly [colour: string, text: string])[]): string {
  const items = entries.map(
    ([colour, text]) => `<span><i style="--c:var(--${colour})"></i>${escapeMarkup(text)}</span>`,
  );
  return `<div class="legend">${items.join('')}</div>`;
}

function rect(x: number, width: number, colour: string): string {
  return `<rect x="${figure(x)}" y="1" width="${figure(Math.max(0, width))}" height="8" style="fill:var(--${colour})"/>`;
}

function box(x: number, width: number, y: number, height: number, colour: string, title: string): string {
  const place = `x="${figure(x)}" y="${y}" width="${figure(width)}" height="${height}"`;
  return `<rect ${place} style="fill:var(--${colour})"><title>${escapeMarkup(title)}</title></rect>`;
}

function whisker(interval: readonly [number, number] | null): string {
  if (!interval) return '';
  const [low, high] = interval.map((share) => share * 100) as [number, number];
  const line = (x1: number, y1: number, x2: number, y2: number): string =>
    `<line x1="${figure(x1)}" y1="${y1}" x2="${figure(x2)}" y2="${y2}" ` +
    `style="stroke:var(--ink);stroke-width:1.5;vector-effect:non-scaling-stroke"/>`;
  return line(low, 5, high, 5) + line(low, 2.5, low, 7.5) + line(high, 2.5, high, 7.5);
}

function figure(value: number): string {
  return String(Number(value.toFixed(2)));
}
