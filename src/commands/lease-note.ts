import { formatClock } from '../output/paint/units.js';
import type { Session } from '../session.js';
import { notesTo } from './notes.js';

/** Says beforehand when Azure ends what a person is about to open, however long it stays open. */
export async function noteLease(session: Session, what: string, leaseEnd: Promise<number | undefined>): Promise<void> {
  const endMs = await leaseEnd;
  if (endMs === undefined || session.json) return;
  const at = formatClock(endMs).slice(0, 5);
  notesTo(session)(
    `Azure pauses ${what} at ${at} UTC unless a command works with it before, or this one is given again.`,
  );
}
