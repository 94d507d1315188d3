/** Go's zero time, which dockerd shows for what never happened. */
export const ZERO_TIME = '0001-01-01T00:00:00Z';

/** Nine digits of fraction, as in log time stamps (Go's RFC3339NanoFixed). */
export function nanoFixed(epochMs: number): string {
  const whole = Math.floor(epochMs);
  const nanos = Math.round((epochMs - whole) * 1e6);
  return new Date(whole).toISOString().replace('Z', `${String(nanos).padStart(6, '0')}Z`);
}

/** As Go's RFC3339Nano: zeros at the end left out. `undefined` is the zero time. */
export function goTime(epochMs: number | undefined): string {
  return epochMs === undefined ? ZERO_TIME : nanoFixed(epochMs).replace(/\.?0+Z$/, 'Z');
}

/** `5 minutes`, as docker/go-units writes it. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  if (hours === 1) return 'About an hour';
  return hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
}
