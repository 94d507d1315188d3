import { mulberry32 } from '../../seeded-random.js';
import type { FaultBox } from '../faults/fault-box.js';
import type { DurationName, Durations } from './durations.js';

interface Pending {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
}

/**
 * The kernel of the emulated world: a discrete simulation. It has no clock of its own; whoever drives it calls
 * `advanceTo` with the lab's time, and everything due happens in the order of its moment. Same seed, same calls, same world.
 */
export interface Simulation {
  /** Epoch ms of lab time. */
  readonly now: number;
  readonly faults: FaultBox;
  /** Runs `action` after `delayMs` of lab time. The returned function cancels it. */
  after(delayMs: number, action: () => void): () => void;
  /** Draws a duration of the table, in ms; from `random` when given. */
  draw(name: DurationName, random?: () => number): number;
  /** 0..1, from the seed. */
  random(): number;
  /** Draws of its own for something named: the same seed and name give the same ones, whatever else happens and when. */
  randomOf(name: string): () => number;
  /** Lower-case hex of `length` characters, from the seed: ids, digests. */
  randomHex(length: number): string;
  /** A GUID, from the seed. */
  randomGuid(): string;
  /** Moves time to `epochMs` (never back) and runs what is due. */
  advanceTo(epochMs: number): void;
  /** When the next thing happens, or undefined. */
  readonly nextAt: number | undefined;
  /** Called whenever something new was scheduled, so that a driver can set its timer. */
  onScheduled: (() => void) | undefined;
}

export interface SimulationOptions {
  readonly startMs: number;
  readonly seed: number;
  readonly durations: Durations;
  readonly faults: FaultBox;
}

/** FNV-1a: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}

/** Creates an empty world at `startMs`. */
export function createSimulation(options: SimulationOptions): Simulation {
  const random = mulberry32(options.seed);
  const pending = new Set<Pending>();
  let now = options.startMs;
  let order = 0;

  const first = (): Pending | undefined => {
    let best: Pending | undefined;
    for (const entry of pending) {
      if (!best || entry.at < best.at || (entry.at === best.at && entry.order < best.order)) best = entry;
    }
    return best;
  };
  const randomHex = (length: number): string => {
    let hex = '';
    while (hex.length < length)
      hex += Math.floor(random() * 0x1_0000_0000)
        .toString(16)
        .padStart(8, '0');
    return hex.slice(0, length);
  };

  const simulation: Simulation = {
    onScheduled: undefined,
    faults: options.faults,
    get now() {
      return now;
    },
    get nextAt() {
      return first()?.at;
    },
    after(delayMs, action) {
      const entry: Pending = { at: now + Math.max(0, delayMs), order: order++, action };
      pending.add(entry);
      simulation.onScheduled?.();
      return () => {
        pending.delete(entry);
      };
    },
    draw(name, own = random) {
      const { minMs, maxMs } = options.durations[name];
      return minMs + (maxMs - minMs) * own();
    },
    random,
    randomOf: (name) => mulberry32(hashOf(`${options.seed} ${name}`)),
    randomHex,
    randomGuid() {
      const hex = randomHex(32);
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    },
    advanceTo(epochMs) {
      for (let entry = first(); entry && entry.at <= epochMs; entry = first()) {
        pending.delete(entry);
        now = Math.max(now, entry.at);
        entry.action();
      }
      now = Math.max(now, epochMs);
    },
  };
  return simulation;
}
