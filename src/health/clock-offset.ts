/** How the clock of another machine compares with ours. */
export interface ClockOffset {
  /** By how much it is ahead of ours, in ms; negative: behind. */
  readonly aheadMs: number;
  /** The answer was on its way for some time: the figure may be wrong by this much. */
  readonly uncertainMs: number;
}

/** What ARM and TLS forgive, and what a lease can be wrong by without harm. */
const FORGIVEN_MS = 5 * 60_000;

/** Their time, read at some moment between our question and their answer; all in epoch ms. */
export function offsetBetween(
  theirs: number,
  { askedAt, answeredAt }: { readonly askedAt: number; readonly answeredAt: number },
): ClockOffset {
  return { aheadMs: theirs - (askedAt + answeredAt) / 2, uncertainMs: (answeredAt - askedAt) / 2 };
}

/** Our clock against another one, where they surely differ by more than five minutes; otherwise undefined. */
export function ourClock({
  aheadMs,
  uncertainMs,
}: ClockOffset): { readonly minutes: number; readonly direction: 'behind' | 'ahead of' } | undefined {
  if (Math.abs(aheadMs) - uncertainMs <= FORGIVEN_MS) return undefined;
  return { minutes: Math.round(Math.abs(aheadMs) / 60_000), direction: aheadMs > 0 ? 'behind' : 'ahead of' };
}
