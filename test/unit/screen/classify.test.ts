import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { decodePng } from '../../../src/health/decode-png.js';
import { classifyScreen, type Pixels } from '../../../src/health/screen.js';
import { createScreenPainter, type Picture } from '../../../src/lab/world/guest/screens.js';

const painter = createScreenPainter();
const kindOf = (picture: Picture): string => classifyScreen(decodePng(painter.png(picture))).kind;
const size = { width: 1280, height: 800 } as const;

/** A frame painted by a function of its coordinates. */
function frame(
  width: number,
  height: number,
  colour: (x: number, y: number) => readonly [number, number, number],
): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) data.set(colour(x, y), (y * width + x) * 3);
  return { width, height, channels: 3, data };
}

describe('screen classification', () => {
  const pictures: readonly (readonly [Picture, string])[] = [
    [{ kind: 'black', ...size }, 'black'],
    [{ kind: 'firmware', ...size }, 'booting'],
    [{ kind: 'spinner', ...size }, 'booting'],
    [{ kind: 'setup', ...size, percent: 0 }, 'setup'],
    [{ kind: 'setup', ...size, percent: 90 }, 'setup'],
    [{ kind: 'blue-screen', ...size }, 'blue-screen'],
    [{ kind: 'repair', ...size }, 'blue-screen'],
    [{ kind: 'desktop', width: 1440, height: 900, windows: 0 }, 'desktop'],
    [{ kind: 'desktop', width: 1440, height: 900, windows: 3 }, 'desktop'],
    [{ kind: 'desktop', width: 800, height: 600, windows: 1 }, 'desktop'],
  ];
  it.each(pictures)('%o is %s', (picture, kind) => {
    expect(kindOf(picture)).toBe(kind);
  });

  it('tolerates the faint noise of a black screen, and tells a lit cursor on it', () => {
    expect(classifyScreen(frame(640, 480, (x, y) => [(x + y) % 3, 0, y % 2])).kind).toBe('black');
    expect(classifyScreen(frame(640, 480, (x, y) => (x < 16 && y < 24 ? [200, 200, 200] : [0, 0, 0]))).kind).toBe(
      'booting',
    );
  });

  it('does not call a colourful picture without a taskbar a desktop', () => {
    const rainbow = frame(640, 480, (x, y) => [x % 256, y % 256, (x * y) % 256]);
    expect(classifyScreen(rainbow).kind).toBe('unknown');
  });

  it('does not call a grey dialog a blue screen', () => {
    expect(classifyScreen(frame(640, 480, () => [200, 200, 200])).kind).toBe('setup');
  });

  it('survives a frame without pixels', () => {
    expect(classifyScreen({ width: 0, height: 0, channels: 3, data: new Uint8Array() }).kind).toBe('unknown');
  });

  it('gives equal pictures equal hashes and moved ones others', () => {
    const hash = (percent: number): string =>
      classifyScreen(decodePng(painter.png({ kind: 'setup', ...size, percent }))).hash;
    expect(hash(20)).toBe(hash(20));
    expect(hash(20)).not.toBe(hash(40));
  });
});

describe('decoding', () => {
  it('refuses what is no PNG and what is cut short', () => {
    const whole = PNG.sync.write(new PNG({ width: 64, height: 64 }));
    expect(() => decodePng(Buffer.from('P6 1280 800'))).toThrow(
      expect.objectContaining({ code: 'WINDOWS_SCREEN_UNREADABLE' }) as Error,
    );
    expect(() => decodePng(whole.subarray(0, 40))).toThrow(
      expect.objectContaining({ code: 'WINDOWS_SCREEN_UNREADABLE' }) as Error,
    );
    expect(() => decodePng(new Uint8Array())).toThrow(
      expect.objectContaining({ code: 'WINDOWS_SCREEN_UNREADABLE' }) as Error,
    );
  });
});
