/** What the place of a task in the list depends on. It may change only while the task is not in the list. */
export interface Waiting {
  /** Place in the order asked for. */
  readonly index: number;
  readonly expectedMs: number;
  readonly attempts: number;
}

/** Tasks that wait for a worker, the next one first. */
export interface WaitingList<T extends Waiting> {
  all(): readonly T[];
  join(one: T): void;
  leave(one: T): void;
}

/**
 * Makes the list out of what waits when it is first asked for: until then nothing is kept in order, so that the replay of ten
 * thousand lines sorts once.
 */
export function createWaitingList<T extends Waiting>(waitingNow: () => readonly T[]): WaitingList<T> {
  let list: T[] | undefined;
  return {
    all: () => (list ??= [...waitingNow()].sort(order)),
    join(one) {
      list?.splice(placeOf(one, list), 0, one);
    },
    leave(one) {
      list?.splice(placeOf(one, list), 1);
    },
  };
}

/**
 * What was begun before and has to be repeated, then the longest expected: neither is left for the end, where one worker
 * would be busy with it alone.
 */
function order(a: Waiting, b: Waiting): number {
  const begun = Number(b.attempts > 0) - Number(a.attempts > 0);
  return begun || b.expectedMs - a.expectedMs || a.index - b.index;
}

/** Where one stands, or belongs, in the sorted list. */
function placeOf(one: Waiting, list: readonly Waiting[]): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = list[middle];
    if (other && order(other, one) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
