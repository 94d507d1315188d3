import { PNG } from 'pngjs';
import { fail } from '../failures/waa-error.js';
import type { Pixels } from './screen.js';

/** Decodes a PNG screendump. Raises WINDOWS_SCREEN_UNREADABLE for what is no complete PNG. */
export function decodePng(bytes: Uint8Array): Pixels {
  try {
    const { width, height, data } = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return { width, height, rgba: data };
  } catch (cause) {
    throw fail('WINDOWS_SCREEN_UNREADABLE', { problem: `no PNG (${bytes.byteLength} bytes)` }, { cause });
  }
}
