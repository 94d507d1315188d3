const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration in its two largest units: `0.8 s`, `12 s`, `3 min 05 s`, `2 h 07 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return 'unknown';
  const value = Math.max(0, ms);
  if (value < 9_950) return `${(value / SECOND).toFixed(1).replace(/\.0$/, '')} s`;
  if (value < MINUTE - SECOND / 2) return `${Math.round(value / SECOND)} s`;
  const seconds = Math.round(value / SECOND);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.round(value / MINUTE);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  const hours = Math.round(value / HOUR);
  return `${Math.floor((hours * HOUR) / DAY)} d ${hours % 24} h`;
}

/** An estimate, rounded as coarsely as it is uncertain: `45 s`, `6 min`, `2 h 05 min`. */
export function formatEta(ms: number): string {
  if (!Number.isFinite(ms)) return 'unknown';
  if (ms < MINUTE) return `${Math.max(5, Math.ceil(ms / (5 * SECOND)) * 5)} s`;
  const minutes = Math.ceil(ms / MINUTE);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A size in decimal units: `512 B`, `1.4 GB`, `64 GB`. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1;
  return `${value.toFixed(digits).replace(/\.0$/, '')} ${BYTE_UNITS[unit] ?? 'B'}`;
}

/** A share of 100: `41 %`. */
export function formatPercent(percent: number): string {
  return `${Math.round(percent)} %`;
}

/** A moment as people on any continent read it alike: `2026-11-22 05:36:07Z`. */
export function formatTime(epochMs: number): string {
  return new Date(epochMs)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}

/** Only the time of day of a moment, UTC: `05:36:07`. */
export function formatClock(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(11, 19);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
