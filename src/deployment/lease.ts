import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock/units.js';

/** Azure may run a schedule minutes late, and one set for the very next minutes may wait for tomorrow. */
const MIN_AHEAD_MS = 10 * MINUTE_MS;
/** The farthest a once-a-day time can be ahead without meaning an earlier moment of today. */
const MAX_AHEAD_MS = DAY_MS - 15 * MINUTE_MS;
/** A schedule is written again when it would move by this much, or a quarter of a short lease: each write is a request. */
const RENEW_STEP_MS = 10 * MINUTE_MS;

/** When a deployment pauses by itself unless it is used. Epoch ms. */
export interface Lease {
  readonly endsAtMs: number;
}

/** What Azure is told: deallocate once a day at this time. */
export interface ShutdownTime {
  /** `HHMM`, UTC. */
  readonly timeUtc: string;
  /** Epoch ms of the next time Azure acts on it. */
  readonly firesAtMs: number;
}

/** A lease of `hours` from now. */
export function newLease(nowMs: number, hours: number): Lease {
  return { endsAtMs: nowMs + hours * HOUR_MS };
}

/**
 * The schedule for a lease. Azure knows no dates here, only a time of day, so the farthest it can be told is just under
 * 24 h. A longer lease gets that farthest time and is moved on while somebody is there to do it; when nobody is, the VM
 * is deallocated within a day. That way round a forgotten machine costs a day, never a lease of two weeks.
 */
export function shutdownTime(lease: Lease, nowMs: number): ShutdownTime {
  const wanted = Math.max(lease.endsAtMs, nowMs + MIN_AHEAD_MS);
  const capped = wanted > nowMs + MAX_AHEAD_MS;
  // Rounded so that it never fires early, except where rounding up would wrap round to today.
  const firesAtMs = capped ? floorMinute(nowMs + MAX_AHEAD_MS) : Math.ceil(wanted / MINUTE_MS) * MINUTE_MS;
  return { timeUtc: hhmm(firesAtMs), firesAtMs };
}

/** How often work moves a lease on: so often that a schedule, which reaches a day at most, never comes near. */
export function renewEveryMs(leaseHours: number): number {
  return Math.min((leaseHours * HOUR_MS) / 8, 6 * HOUR_MS);
}

/** True when the schedule Azure has now should be written again for this lease. */
export function needsRenewal(currentTimeUtc: string | undefined, lease: Lease, nowMs: number): boolean {
  if (currentTimeUtc === undefined) return true;
  const next = nextFiring(currentTimeUtc, nowMs);
  if (next === undefined) return true;
  const { firesAtMs } = shutdownTime(lease, nowMs);
  return Math.abs(firesAtMs - next) >= Math.min(RENEW_STEP_MS, (firesAtMs - nowMs) / 4);
}

/** Epoch ms at which a daily `HHMM` UTC comes next; undefined for a text that is no time. */
export function nextFiring(timeUtc: string, nowMs: number): number | undefined {
  const match = /^([01]\d|2[0-3])([0-5]\d)$/.exec(timeUtc);
  if (!match) return undefined;
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const at = today + Number(match[1]) * HOUR_MS + Number(match[2]) * MINUTE_MS;
  return at > nowMs ? at : at + DAY_MS;
}

function floorMinute(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}

function hhmm(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16).replace(':', '');
}

/** What to do about a deployment that has been paused for long (requirement V6). */
export type PausedAge = 'fine' | 'warn' | 'last-day' | 'delete';

/** Warned about from day 7, for the last time a day before it is deleted, deleted after 14 days. */
export function pausedAge(pausedAtMs: number, nowMs: number): PausedAge {
  const days = (nowMs - pausedAtMs) / DAY_MS;
  if (days >= 14) return 'delete';
  if (days >= 13) return 'last-day';
  return days >= 7 ? 'warn' : 'fine';
}
