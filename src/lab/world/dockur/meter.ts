/** A byte counter that rises with time at the current rate, without ticking. */
export interface Meter {
  read(): number;
  /** From now on the counter rises by `bytesPerMs`. */
  setRate(bytesPerMs: number): void;
  add(bytes: number): void;
}

/** Creates a meter at zero. `now` is the world's time in ms. */
export function createMeter(now: () => number): Meter {
  let bytes = 0;
  let rate = 0;
  let since = now();
  const settle = (): void => {
    bytes += rate * (now() - since);
    since = now();
  };
  return {
    read() {
      settle();
      return Math.floor(bytes);
    },
    setRate(bytesPerMs) {
      settle();
      rate = bytesPerMs;
    },
    add(more) {
      settle();
      bytes += more;
    },
  };
}
