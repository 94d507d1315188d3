import { type Duplex, duplexPair } from 'node:stream';

/** Two ends of one connection inside this process: what is written to one is read from the other; both close together. */
export function connectedPair(): readonly [Duplex, Duplex] {
  const [left, right] = duplexPair();
  left.on('close', () => {
    right.destroy();
  });
  right.on('close', () => {
    left.destroy();
  });
  // Either end may be destroyed by a peer that went away; that is an end, not a failure of this process.
  left.on('error', () => undefined);
  right.on('error', () => undefined);
  return [left, right];
}

/** Joins two streams in both directions; when one closes, so does the other. */
export function join(left: Duplex, right: Duplex): void {
  left.pipe(right);
  right.pipe(left);
  const both = [left, right] as const;
  for (const [one, other] of [both, [right, left] as const]) {
    one.on('error', () => undefined);
    one.on('close', () => {
      other.destroy();
    });
  }
}
