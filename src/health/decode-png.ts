import { inflateSync } from 'node:zlib';
import { fail } from '../failures/waa-error.js';
import type { Pixels } from './screen.js';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** PNG's colour types that screens are written in: RGB, and RGB with alpha. */
const CHANNELS: Readonly<Record<number, 3 | 4>> = { 2: 3, 6: 4 };

/**
 * Decodes a screendump: eight bits a channel, RGB or RGBA, not interlaced, as QEMU (ui/ui-qmp-cmds.c) and Pillow write it.
 * By hand, because a pool's screens are looked at thousands of times and a general decoder takes twice as long.
 * Raises WINDOWS_SCREEN_UNREADABLE for what is no complete PNG of that kind.
 * Format: https://www.w3.org/TR/png-3/
 */
export function decodePng(bytes: Uint8Array): Pixels {
  try {
    return decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    throw fail('WINDOWS_SCREEN_UNREADABLE', { problem: `no PNG (${bytes.byteLength} bytes)` }, { cause });
  }
}

function decode(bytes: Buffer): Pixels {
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw new Error('the signature is missing');
  const { header, data } = chunksOf(bytes);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const channels = CHANNELS[header.readUInt8(9)];
  if (channels === undefined || header.readUInt8(8) !== 8 || header.readUInt8(12) !== 0)
    throw new Error('another kind of PNG');
  const stride = width * channels;
  const wanted = (stride + 1) * height;
  // In one piece: the default is 16 KB pieces, put together at the end.
  const filtered = inflateSync(data, { maxOutputLength: wanted, chunkSize: Math.max(64, wanted) });
  if (filtered.length !== wanted) throw new Error('lines are missing');
  return { width, height, channels, data: unfilter(filtered, stride, channels) };
}

function chunksOf(bytes: Buffer): { readonly header: Buffer; readonly data: Buffer } {
  let header: Buffer = Buffer.alloc(0);
  const parts: Buffer[] = [];
  for (let at = SIGNATURE.length; ;) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (body.length < length) throw new Error('cut off');
    if (type === 'IHDR') header = body;
    if (type === 'IDAT') parts.push(body);
    if (type === 'IEND') return { header, data: Buffer.concat(parts) };
    at += length + 12;
  }
}

/** Undoes the filter of each line: bytes are differences to what is left of them, above, or both. `pixel` in bytes. */
function unfilter(filtered: Uint8Array, stride: number, pixel: number): Uint8Array {
  const out = new Uint8Array((filtered.length / (stride + 1)) * stride);
  for (let from = 0, to = 0; to < out.length; from += stride + 1, to += stride) {
    const filter = filtered[from] ?? 0;
    const line = filtered.subarray(from + 1, from + 1 + stride);
    if (filter === 0) {
      out.set(line, to);
      continue;
    }
    if (filter === 1) {
      // The filter of nearly all lines of a desktop.
      out.set(line.subarray(0, pixel), to);
      for (let x = pixel; x < stride; x += 1) out[to + x] = (line[x] ?? 0) + (out[to + x - pixel] ?? 0);
      continue;
    }
    for (let x = 0; x < stride; x += 1) {
      const left = x < pixel ? 0 : (out[to + x - pixel] ?? 0);
      const up = to === 0 ? 0 : (out[to + x - stride] ?? 0);
      const corner = x < pixel || to === 0 ? 0 : (out[to + x - stride - pixel] ?? 0);
      out[to + x] = (line[x] ?? 0) + predicted(filter, left, up, corner);
    }
  }
  return out;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) throw new Error('an unknown filter');
  const [byLeft, byUp, byCorner] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (byLeft <= byUp && byLeft <= byCorner) return left;
  return byUp <= byCorner ? up : corner;
}
