import { shellsOf, type Span, type SpanKind } from './spans.js';
import type { Timeline } from './timeline.js';

/** How a total is made up. */
export interface CriticalPath {
  /** The longest chain of work in which each step needs the one before it, first step first. */
  readonly chain: readonly Span[];
  /** Sum of the chain: no order of the same steps can be faster. */
  readonly chainMs: number;
  readonly totalMs: number;
  /** `totalMs` over `chainMs`; 1 when nothing could be saved by doing the same things at better moments. */
  readonly ratio: number;
  /** Time by what it went into, of all spans; side by side counts twice. */
  readonly byKindMs: Readonly<Record<SpanKind, number>>;
  /** Time in which nothing is recorded. */
  readonly idleMs: number;
}

/**
 * The longest unavoidable chain of a timeline. Only work counts; looking, repairing and waiting are what is above it. A
 * span that encloses the operations it consists of counts once, by those. Pure.
 */
export function criticalPath({ spans, fromMs, toMs }: Timeline): CriticalPath {
  const chainMsOf = new Map<number, number>();
  const cameFrom = new Map<number, number>();
  const shells = shellsOf(spans);
  // Proofs and waits are no work, and a phase around operations of Azure none beside theirs.
  const workMs = (span: Span): number => (span.kind === 'work' && !shells.has(span) ? span.toMs - span.fromMs : 0);
  for (const span of spans) {
    let best = 0;
    for (const id of span.after) {
      const before = chainMsOf.get(id) ?? 0;
      if (before <= best) continue;
      best = before;
      cameFrom.set(span.id, id);
    }
    chainMsOf.set(span.id, best + workMs(span));
  }
  const chainMs = [...chainMsOf.values()].reduce((most, ms) => Math.max(most, ms), 0);
  const chain: Span[] = [];
  let id = spans.find((span) => chainMsOf.get(span.id) === chainMs)?.id;
  while (id !== undefined) {
    const span = spans[id];
    if (span && workMs(span) > 0) chain.push(span);
    id = cameFrom.get(id);
  }
  chain.reverse();
  const totalMs = toMs - fromMs;
  const byKindMs = { work: 0, proof: 0, repair: 0, wait: 0 };
  for (const span of spans) byKindMs[span.kind] += span.toMs - span.fromMs;
  return {
    chain,
    chainMs,
    totalMs,
    ratio: chainMs === 0 ? 1 : totalMs / chainMs,
    byKindMs,
    idleMs: totalMs - coveredMs(spans, fromMs, toMs),
  };
}

function coveredMs(spans: readonly Span[], fromMs: number, toMs: number): number {
  let covered = 0;
  let reached = fromMs;
  for (const span of spans) {
    const end = Math.min(span.toMs, toMs);
    if (end <= reached) continue;
    covered += end - Math.max(span.fromMs, reached);
    reached = end;
  }
  return covered;
}
