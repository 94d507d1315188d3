/** Keeps the last bytes of a stream. */
export interface BoundedOutput {
  push(chunk: Uint8Array): void;
  /** The text kept; begins with a note when older bytes were dropped. */
  text(): string;
  /** The last `bytes` bytes, without a note. */
  tail(bytes: number): string;
}

/** Collects output and keeps at most `maxBytes`, dropping the oldest whole chunks' bytes first. */
export function createBoundedOutput(maxBytes: number): BoundedOutput {
  let chunks: Buffer[] = [];
  let kept = 0;
  let dropped = 0;
  const compact = (): Buffer => {
    const all = Buffer.concat(chunks);
    const rest = all.length > maxBytes ? all.subarray(all.length - maxBytes) : all;
    dropped += all.length - rest.length;
    chunks = [rest];
    kept = rest.length;
    return rest;
  };
  return {
    push(chunk) {
      chunks.push(Buffer.from(chunk));
      kept += chunk.length;
      // Compacting at twice the limit keeps the cost per byte constant.
      if (kept > maxBytes * 2) compact();
    },
    text() {
      const text = compact().toString('utf8');
      return dropped === 0 ? text : `[${dropped} earlier bytes dropped]\n${text}`;
    },
    tail(bytes) {
      const all = compact();
      return all.subarray(Math.max(0, all.length - bytes)).toString('utf8');
    },
  };
}
