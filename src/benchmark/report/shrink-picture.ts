import { PNG } from 'pngjs';

/** Levels a colour is rounded to: text stays readable and the file becomes a fifth. */
const COLOUR_STEP = 17;

/** A screen smaller than this shows nothing any more. */
const LEAST_WIDTH = 200;

/**
 * A PNG scaled down to at most `width` pixels and few colours, as a PNG. Undefined for what is no whole PNG: a picture cut
 * off by a crash must not cost the report. A smaller picture keeps its size; one that stays above `maxBytes`, as a photo
 * does, is made smaller still, down to 200 pixels.
 */
export function shrinkPicture(bytes: Buffer, width: number, maxBytes = Infinity): Buffer | undefined {
  let source: PNG;
  try {
    source = PNG.sync.read(bytes);
  } catch {
    return undefined;
  }
  for (let wanted = width; ; wanted = Math.round(wanted * 0.7)) {
    const small = scaled(source, wanted);
    if (small.length <= maxBytes || wanted * 0.7 < LEAST_WIDTH) return small;
  }
}

function scaled(source: PNG, width: number): Buffer {
  const scale = Math.max(1, source.width / width);
  const [columns, lines] = [source.width / scale, source.height / scale].map((size) => Math.max(1, Math.round(size)));
  const target = new PNG({ width: columns ?? 1, height: lines ?? 1 });
  for (let y = 0; y < target.height; y += 1) {
    const rows = range(y, source.height / target.height, source.height);
    for (let x = 0; x < target.width; x += 1) {
      mean(source, range(x, source.width / target.width, source.width), rows, target.data, (y * target.width + x) * 4);
    }
  }
  return PNG.sync.write(target, { colorType: 2, filterType: 0, deflateLevel: 9 });
}

type Range = readonly [from: number, to: number];

function range(index: number, factor: number, end: number): Range {
  const from = Math.floor(index * factor);
  return [from, Math.min(end, Math.max(from + 1, Math.floor((index + 1) * factor)))];
}

/** Writes the rounded mean colour of a rectangle of the source. */
function mean(source: PNG, [x0, x1]: Range, [y0, y1]: Range, target: Buffer, at: number): void {
  let [red, green, blue] = [0, 0, 0];
  for (let y = y0; y < y1; y += 1) {
    for (let x = x0; x < x1; x += 1) {
      const from = (y * source.width + x) * 4;
      red += source.data[from] ?? 0;
      green += source.data[from + 1] ?? 0;
      blue += source.data[from + 2] ?? 0;
    }
  }
  const count = (x1 - x0) * (y1 - y0);
  for (const [offset, sum] of [red, green, blue].entries()) {
    target[at + offset] = Math.round(sum / count / COLOUR_STEP) * COLOUR_STEP;
  }
  target[at + 3] = 255;
}
