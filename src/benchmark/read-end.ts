import { open } from 'node:fs/promises';

/** A log of an honest attempt stays far below; what is longer is garbage, and its end tells how it ended. */
const MAX_BYTES = 16 * 1024 ** 2;

/** The last part of a file as text; bytes that are no UTF-8 become replacement characters. */
export async function readEnd(path: string, maxBytes = MAX_BYTES): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const length = Math.min(size, maxBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
