import type { Emit } from '../events/bus.js';
import { asWaaError, fail, type WaaError } from '../failures/waa-error.js';
import type { MountFacts } from '../host/host-tools.js';
import type { Deadline } from './deadline.js';

/** One way to free space, tried in order until there is enough. */
export interface DiskCleaning {
  /** What is done, for the log: `images and build cache nobody uses`. */
  readonly what: string;
  /** Bytes freed, as far as it can tell; the guardian measures again in any case. */
  run(deadline: Deadline): Promise<number>;
}

export interface DiskGuard {
  /** File system that is about to be written: `/data`. */
  readonly path: string;
  readonly needBytes: number;
  /** Free bytes now. */
  readonly measure: (deadline: Deadline) => Promise<number>;
  readonly cleanings: readonly DiskCleaning[];
  readonly deadline: Deadline;
  readonly emit: Emit;
  /** Told the shortage before anything is cleaned; what it returns is called once there is room, with what helped. */
  readonly onShort?: (fault: WaaError) => (action: string) => void;
}

/**
 * Before work that needs disk: measures; when short cleans and measures again, one cleaning after the other; when still
 * short raises DOCKER_DISK_SHORT with the numbers. Returns the free bytes. A cleaning that fails is told and passed over,
 * because only the measurement counts.
 */
export async function guardDisk(guard: DiskGuard): Promise<number> {
  const { path, needBytes, measure, cleanings, deadline, emit } = guard;
  const before = await measure(deadline);
  if (before >= needBytes) return before;
  const shortage = (freeBytes: number): WaaError =>
    fail('DOCKER_DISK_SHORT', { path, freeBytes, needBytes, cleanedBytes: Math.max(0, freeBytes - before) });
  const recovered = cleanings.length === 0 ? undefined : guard.onShort?.(shortage(before));
  let freeBytes = before;
  for (const cleaning of cleanings) {
    if (freeBytes >= needBytes) break;
    try {
      await cleaning.run(deadline);
    } catch (error) {
      if (deadline.signal.aborted) throw error;
      const reason = asWaaError(error).message;
      emit('log', { component: 'disk', path }, `cleaning ${cleaning.what} failed: ${reason}`, { level: 'warn' });
    }
    const after = await measure(deadline);
    const gained = gigabytes(after - freeBytes);
    emit(
      'log',
      { component: 'disk', path, freedBytes: after - freeBytes },
      `cleaned ${cleaning.what} on ${path}: ${gained} GB more room`,
    );
    freeBytes = after;
  }
  if (freeBytes < needBytes) throw shortage(freeBytes);
  recovered?.(`made room on ${path}`);
  return freeBytes;
}

/** The mount a path lies on: the longest that is a prefix of it. */
export function mountOf(mounts: readonly MountFacts[], path: string): MountFacts | undefined {
  let best: MountFacts | undefined;
  for (const mount of mounts) {
    const prefix = mount.path.endsWith('/') ? mount.path : `${mount.path}/`;
    const holds = path === mount.path || path.startsWith(prefix);
    if (holds && mount.path.length > (best?.path.length ?? 0)) best = mount;
  }
  return best;
}

const gigabytes = (bytes: number): string => (Math.max(0, bytes) / 1024 ** 3).toFixed(1);
