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
  for (let wanted = width; ; wanted = Math.round(wanted * 0.6)) {
    const small = scaled(source, wanted);
    if (small.length <= maxBytes || wanted * 0.6 < LEAST_WIDTH) return small;
  }
}

function scaled(source: PNG, width: number): Buffer {
  const scale = Math.max(1, source.width / width);
  const [columns, lines] = [source.width / scale, source.height / scale].map((size) => Math.max(1, Math.round(size)));
  const target = new PNG({ width: columns ?? 1, height: lines ?? 1 });
  const columnsOf = Array.from({ length: target.width }, (_, x) => range(x, source.width / target.width, source.width));
  for (let y = 0; y < target.height; y += 1) {
    const rows = range(y, source.height / target.height, source.height);
    for (const [x, columnRange] of columnsOf.entries()) {
      mean(source.data, source.width, columnRange, rows, target.data, (y * target.width + x) * 4);
    }
  }
  return PNG.sync.write(target, { colorType: 2, filterType: 0, deflateLevel: 6 });
}

type Range = readonly [from: number, to: number];

function range(index: number, factor: number, end: number): Range {
  const from = Math.floor(index * factor);
  return [from, Math.min(end, Math.max(from + 1, Math.floor((index + 1) * factor)))];
}

/** Writes the rounded mean colour of a rectangle of the source. Runs a million times a picture: no objects are made. */
function mean(source: Buffer, width: number, columns: Range, rows: Range, target: Buffer, at: number): void {
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let y = rows[0]; y < rows[1]; y += 1) {
    const end = (y * width + columns[1]) * 4;
    for (let from = (y * width + columns[0]) * 4; from < end; from += 4) {
      red += source[from] ?? 0;
      green += source[from + 1] ?? 0;
      blue += source[from + 2] ?? 0;
    }
  }
  const unit = (columns[1] - columns[0]) * (rows[1] - rows[0]) * COLOUR_STEP;
  target[at] = Math.round(red / unit) * COLOUR_STEP;
  target[at + 1] = Math.round(green / unit) * COLOUR_STEP;
  target[at + 2] = Math.round(blue / unit) * COLOUR_STEP;
  target[at + 3] = 255;
}
