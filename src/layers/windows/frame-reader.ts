import { decodePng } from '../../health/decode-png.js';
import { classifyScreen, type ScreenFrame } from '../../health/screen.js';

/** Turns screendumps into frames. The same bytes as last time are not decoded again: most looks see a still picture. */
export type FrameReader = (png: Uint8Array) => ScreenFrame;

/** A reader that remembers the last screendump. The frame reader raises WINDOWS_SCREEN_UNREADABLE for what is no PNG. */
export function createFrameReader(): FrameReader {
  let last: { readonly png: Buffer; readonly frame: ScreenFrame } | undefined;
  return (png) => {
    if (last?.png.equals(png)) return last.frame;
    const frame = classifyScreen(decodePng(png));
    last = { png: Buffer.from(png), frame };
    return frame;
  };
}
