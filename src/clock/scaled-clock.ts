import type { Clock } from './clock.js';
import { realClock, sleepOn } from './real-clock.js';

/** How lab time maps to real time; two processes with the same mapping share one time. */
export interface TimeMapping {
  /** Real epoch ms at which lab time began. */
  readonly realEpochMs: number;
  /** Lab epoch ms at that moment. */
  readonly labEpochMs: number;
  /** Lab milliseconds that pass in one real millisecond. */
  readonly scale: number;
  /** Real milliseconds added to every deadline, so that a busy machine is not mistaken for a broken one. */
  readonly slackRealMs: number;
}

/** A clock that runs `mapping.scale` times faster than real time. */
export function createScaledClock(mapping: TimeMapping, base: Clock = realClock): Clock {
  return {
    slackMs: mapping.slackRealMs * mapping.scale,
    now: () => mapping.labEpochMs + (base.now() - mapping.realEpochMs) * mapping.scale,
    schedule: (ms, callback) => base.schedule(ms / mapping.scale, callback),
    sleep(ms, signal) {
      return sleepOn(this, ms, signal);
    },
  };
}
