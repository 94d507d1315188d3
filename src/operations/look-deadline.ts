import { Deadline } from '../health/deadline.js';
import type { Session } from '../session.js';

/** Looking at Azure before anything is begun must not take longer than a person waits for an answer. */
const LOOK_MS = 60_000;

/** The deadline of such a look; the caller disposes of it. */
export function lookDeadline(session: Session): Deadline {
  return Deadline.after(LOOK_MS, session.clock, session.signal);
}
