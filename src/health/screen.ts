/** A decoded frame: red, green and blue of each pixel, and alpha where there are four channels. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
}

export type ScreenKind =
  | 'black'
  /** Firmware logo or a boot spinner: black with something small and bright in the middle. */
  | 'booting'
  /** WinPE or Windows Setup: one flat colour with a little text. */
  | 'setup'
  | 'desktop'
  | 'blue-screen'
  | 'unknown';

/** What a frame shows, and the numbers that say so. */
export interface ScreenFrame {
  readonly kind: ScreenKind;
  readonly width: number;
  readonly height: number;
  /** 0..255. */
  readonly meanLuma: number;
  readonly lumaDeviation: number;
  /** Colours in the sample, of 15 bits. */
  readonly colours: number;
  /** Changes when the picture does; equal for equal pictures. */
  readonly hash: string;
}

/**
 * Thresholds on a sample of at most 96x60 points, made from descriptions of OVMF, Windows Setup and Windows 11 frames and
 * tried on drawn ones only.
 */
const RULES = {
  black: { meanLuma: 4, deviation: 3 },
  /** Share of points that are nearly black when only a logo or a spinner is drawn. */
  bootingDarkShare: 0.9,
  /** One colour covers this much of a crash screen, or of Setup's background. */
  flatShare: 0.7,
  desktop: { deviation: 18, colours: 150 },
  /** The taskbar: bottom band, nearly one colour, unlike what is above it. */
  taskbar: { share: 0.05, dominantShare: 0.6, contrast: 25 },
} as const;

const SAMPLE = { columns: 96, rows: 60 } as const;
const CRASH_BLUES: readonly (readonly [number, number, number])[] = [
  [0x00, 0x78, 0xd7],
  [0x10, 0x71, 0xaf],
  [0x00, 0x5a, 0x9e],
];

interface Point {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly luma: number;
}

/** Classifies a frame. Pure; a frame without pixels is `unknown`. */
export function classifyScreen(pixels: Pixels): ScreenFrame {
  const rows = samplePoints(pixels);
  const points = rows.flat();
  const meanLuma = mean(points.map((point) => point.luma));
  const lumaDeviation = Math.sqrt(mean(points.map((point) => (point.luma - meanLuma) ** 2)));
  const colours = new Set(points.map(colourKey)).size;
  const numbers = { meanLuma, lumaDeviation, colours };
  return {
    kind: kindOf(rows, points, numbers),
    width: pixels.width,
    height: pixels.height,
    ...numbers,
    hash: hashOf(points),
  };
}

function kindOf(
  rows: readonly (readonly Point[])[],
  points: readonly Point[],
  n: { meanLuma: number; lumaDeviation: number; colours: number },
): ScreenKind {
  if (points.length === 0) return 'unknown';
  if (n.meanLuma < RULES.black.meanLuma && n.lumaDeviation < RULES.black.deviation) return 'black';
  const dark = points.filter((point) => point.luma < 12).length / points.length;
  if (dark >= RULES.bootingDarkShare) return 'booting';
  const flat = dominant(points);
  if (flat.share >= RULES.flatShare) return isCrashBlue(flat.point) ? 'blue-screen' : 'setup';
  if (n.lumaDeviation >= RULES.desktop.deviation && n.colours >= RULES.desktop.colours && hasTaskbar(rows))
    return 'desktop';
  return 'unknown';
}

function hasTaskbar(rows: readonly (readonly Point[])[]): boolean {
  const bandRows = Math.max(1, Math.floor(rows.length * RULES.taskbar.share));
  const band = dominant(rows.slice(-bandRows).flat());
  const above = rows.slice(-3 * bandRows, -bandRows).flat();
  const contrast = Math.abs(band.point.luma - mean(above.map((point) => point.luma)));
  return band.share >= RULES.taskbar.dominantShare && contrast >= RULES.taskbar.contrast;
}

/** The most frequent colour and its share. */
function dominant(points: readonly Point[]): { point: Point; share: number } {
  const counts = new Map<number, { point: Point; count: number }>();
  let best: { point: Point; count: number } | undefined;
  for (const point of points) {
    const key = colourKey(point);
    const entry = counts.get(key) ?? { point, count: 0 };
    entry.count += 1;
    counts.set(key, entry);
    if (!best || entry.count > best.count) best = entry;
  }
  const none: Point = { red: 0, green: 0, blue: 0, luma: 0 };
  return { point: best?.point ?? none, share: (best?.count ?? 0) / Math.max(1, points.length) };
}

function isCrashBlue(point: Point): boolean {
  return CRASH_BLUES.some(
    ([red, green, blue]) =>
      Math.abs(point.red - red) + Math.abs(point.green - green) + Math.abs(point.blue - blue) < 30,
  );
}

/** Points on a regular grid, row by row. */
function samplePoints({ width, height, channels, data }: Pixels): Point[][] {
  const columns = Math.min(SAMPLE.columns, width);
  const count = Math.min(SAMPLE.rows, height);
  return Array.from({ length: count }, (_, row) => {
    const y = Math.floor(((row + 0.5) * height) / count);
    return Array.from({ length: columns }, (__, column) => {
      const at = (y * width + Math.floor(((column + 0.5) * width) / columns)) * channels;
      const red = data[at] ?? 0;
      const green = data[at + 1] ?? 0;
      const blue = data[at + 2] ?? 0;
      return { red, green, blue, luma: 0.299 * red + 0.587 * green + 0.114 * blue };
    });
  });
}

const colourKey = (point: Point): number => ((point.red >> 3) << 10) | ((point.green >> 3) << 5) | (point.blue >> 3);

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** FNV-1a over the sampled colours: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
function hashOf(points: readonly Point[]): string {
  let hash = 0x811c9dc5;
  for (const point of points) hash = Math.imul(hash ^ colourKey(point), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
