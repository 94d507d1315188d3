import { PNG } from 'pngjs';

/** What the emulated screen can show. `percent` moves the bar of the set-up screen. */
export type Picture =
  | {
      readonly kind: 'black' | 'firmware' | 'spinner' | 'blue-screen' | 'repair';
      readonly width: number;
      readonly height: number;
    }
  | { readonly kind: 'setup'; readonly width: number; readonly height: number; readonly percent: number }
  | { readonly kind: 'desktop'; readonly width: number; readonly height: number; readonly windows: number };

type Rgb = readonly [number, number, number];

/** Draws pictures as PNG and keeps each one: the same picture is drawn once. */
export interface ScreenPainter {
  readonly png: (picture: Picture) => Buffer;
}

const SETUP_PURPLE: Rgb = [0x18, 0x00, 0x52];
const CRASH_BLUE: Rgb = [0x00, 0x78, 0xd7];
const REPAIR_BLUE: Rgb = [0x00, 0x5a, 0x9e];
const WHITE: Rgb = [255, 255, 255];

/**
 * Creates a painter with an empty cache. `scale` below 1 draws smaller pictures than the screen is: for campaigns that look
 * at thousands of screens and only ask what they show.
 */
export function createScreenPainter(scale = 1): ScreenPainter {
  const drawn = new Map<string, Buffer>();
  return {
    png(picture) {
      const key = JSON.stringify(picture);
      const known = drawn.get(key);
      if (known) return known;
      const image = new PNG({ width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
      paint(image, picture);
      const bytes = PNG.sync.write(image, {
        colorType: 2,
        deflateLevel: 3,
        filterType: picture.kind === 'desktop' ? 1 : 0,
      });
      drawn.set(key, bytes);
      return bytes;
    },
  };
}

function paint(image: PNG, picture: Picture): void {
  const { width, height } = image;
  const box = (left: number, top: number, w: number, h: number, colour: Rgb): void => {
    fill(
      image,
      Math.round(left * width),
      Math.round(top * height),
      Math.round(w * width),
      Math.round(h * height),
      colour,
    );
  };
  switch (picture.kind) {
    case 'black':
      box(0, 0, 1, 1, [0, 0, 0]);
      return;
    case 'firmware':
      box(0, 0, 1, 1, [0, 0, 0]);
      box(0.46, 0.4, 0.08, 0.12, [0, 0xa4, 0xef]);
      return;
    case 'spinner':
      box(0, 0, 1, 1, [0, 0, 0]);
      for (let dot = 0; dot < 6; dot += 1) box(0.47 + dot * 0.012, 0.62, 0.006, 0.01, WHITE);
      return;
    case 'setup':
      box(0, 0, 1, 1, SETUP_PURPLE);
      box(0.35, 0.4, 0.3, 0.03, WHITE);
      box(0.35, 0.5, 0.3, 0.02, [0x50, 0x40, 0x80]);
      box(0.35, 0.5, (0.3 * picture.percent) / 100, 0.02, [0x00, 0xb7, 0xc3]);
      return;
    case 'blue-screen':
      box(0, 0, 1, 1, CRASH_BLUE);
      box(0.1, 0.25, 0.05, 0.12, WHITE);
      box(0.1, 0.45, 0.4, 0.02, WHITE);
      box(0.1, 0.7, 0.08, 0.12, WHITE);
      return;
    case 'repair':
      box(0, 0, 1, 1, REPAIR_BLUE);
      for (let tile = 0; tile < 3; tile += 1) box(0.1, 0.35 + tile * 0.15, 0.3, 0.1, [0x33, 0x7b, 0xb1]);
      return;
    case 'desktop':
      paintDesktop(image, picture.windows);
  }
}

/** Windows 11's bloom-like gradient, icons on the left, a light taskbar with centred icons at the bottom. */
function paintDesktop(image: PNG, windows: number): void {
  const { width, height, data } = image;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 4;
      const dx = x / width - 0.5;
      const dy = y / height - 0.55;
      const glow = Math.exp(-(dx * dx * 6 + dy * dy * 9));
      const fold = 0.5 + 0.5 * Math.sin(9 * dx + 14 * dy * dx + 5 * dy);
      data[at] = Math.round(20 + 110 * glow * fold + (40 * x) / width);
      data[at + 1] = Math.round(70 + 120 * glow + (30 * y) / height);
      data[at + 2] = Math.round(150 + 100 * glow * (1 - 0.4 * fold));
      data[at + 3] = 255;
    }
  }
  const unit = width / 1440;
  const px = (pixels: number): number => Math.round(pixels * unit);
  for (let icon = 0; icon < 4; icon += 1)
    fill(image, px(24), px(24 + icon * 96), px(48), px(48), [230, 180 - icon * 40, 60 + icon * 50]);
  for (let n = 0; n < windows; n += 1) {
    fill(image, px(260 + n * 60), px(120 + n * 50), px(720), px(450), [250, 250, 250]);
    fill(image, px(260 + n * 60), px(120 + n * 50), px(720), px(32), [32, 96, 168]);
  }
  const bar = Math.round(height * 0.053);
  fill(image, 0, height - bar, width, bar, [238, 243, 250]);
  for (let icon = 0; icon < 6; icon += 1) {
    fill(image, Math.round(width / 2) - px(150 - icon * 50), height - bar + px(10), px(28), bar - px(20), [
      0,
      95 + icon * 20,
      184,
    ]);
  }
}

/** Draws one row and copies it down: most of a screen is boxes. */
function fill(image: PNG, left: number, top: number, w: number, h: number, [red, green, blue]: Rgb): void {
  const from = Math.max(0, left);
  const right = Math.min(image.width, left + w);
  const first = Math.max(0, top);
  const bottom = Math.min(image.height, top + h);
  if (from >= right || first >= bottom) return;
  const row = Buffer.alloc((right - from) * 4, Buffer.from([red, green, blue, 255]));
  for (let y = first; y < bottom; y += 1) row.copy(image.data, (y * image.width + from) * 4);
}
