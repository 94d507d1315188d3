import { INFRA_RETRIES } from '../config/schema.js';
import type { QueueView, TaskLease } from './queue.js';
import { begins, type AttemptLine, type QueueLine } from './run-record.js';
import { createWaitingList } from './waiting-list.js';

/** An attempt that was claimed and has not ended. */
interface Open {
  readonly attempt: number;
  readonly worker: string;
  begunAt: number;
  readonly until: number;
  readonly resetMs: number | undefined;
  /** False: it was never handed to its worker. */
  readonly begun: boolean;
}

/** Where one task stands. */
interface Entry {
  readonly task: string;
  readonly index: number;
  readonly expectedMs: number;
  status: 'pending' | 'leased' | 'done';
  attempts: number;
  /** The attempt whose end was not seen, and who has it. */
  open: Open | undefined;
  /** Attempts spoiled by the infrastructure since the run was last opened, and where the last one was. */
  spoiled: number;
  spoiledBy: string | undefined;
}

export interface Choice {
  readonly task: string;
  readonly attempt: number;
  readonly again: boolean;
  readonly begunAt: number;
  readonly resetMs: number | undefined;
}

/** The state of a queue as its lines make it: replaying the lines gives the same state. No input, no output, no clock. */
export interface Ledger {
  apply(line: QueueLine): void;
  /** What a worker should do next; changes nothing but that leases which expired are free again. */
  choose(worker: string, now: number, ownOnly: boolean): Choice | undefined;
  isHeld(lease: Pick<TaskLease, 'task' | 'attempt' | 'worker'>): boolean;
  /** Counts; leases that expired are free again. */
  view(now: number): QueueView;
}

export interface LedgerOptions {
  readonly tasks: readonly string[];
  readonly lines: readonly QueueLine[];
  readonly expectedMs: ReadonlyMap<string, number>;
}

/** Builds the state from the lines. Lines about tasks that are not in the run are passed over. */
export function createLedger({ tasks, lines, expectedMs }: LedgerOptions): Ledger {
  const known = tasks.map((task) => expectedMs.get(task)).filter((ms) => ms !== undefined);
  const mean = known.length === 0 ? 0 : known.reduce((sum, ms) => sum + ms, 0) / known.length;
  const entries = new Map<string, Entry>();
  for (const [index, task] of tasks.entries()) {
    const fresh = { status: 'pending', attempts: 0, open: undefined, spoiled: 0, spoiledBy: undefined } as const;
    entries.set(task, { task, index, expectedMs: expectedMs.get(task) ?? mean, ...fresh });
  }
  const leased = new Set<Entry>();
  /** Ended, but not by the agent's own doing. */
  const unsettled = new Set<Entry>();
  const waiting = createWaitingList(() => [...entries.values()].filter((entry) => entry.status === 'pending'));
  // Older records do not name it.
  let infraRetries = INFRA_RETRIES;
  /** Of the last line: the last that was heard of the controller before the next one. */
  let lastAt: number | undefined;

  for (const line of lines) apply(line);
  // Sorted here, so that no claim waits for it.
  waiting.all();
  return { apply, choose, isHeld, view };

  /** The place of an entry depends on what `change` changes; what it returns is its status from then on. */
  function move(entry: Entry, change: () => Entry['status']): void {
    if (entry.status === 'pending') waiting.leave(entry);
    if (entry.status === 'leased') leased.delete(entry);
    entry.status = change();
    if (entry.status === 'pending') waiting.join(entry);
    if (entry.status === 'leased') leased.add(entry);
  }

  function apply(line: QueueLine): void {
    if (line.type === 'opened') {
      infraRetries = line.infraRetries ?? INFRA_RETRIES;
      for (const entry of [...unsettled]) reopen(entry);
      passOver(line.at - (lastAt ?? line.at));
      freeUnbegun();
      freeOthers(line.workers);
    } else if ('task' in line) {
      const entry = entries.get(line.task);
      if (entry) move(entry, () => statusAfter(entry, line));
    }
    lastAt = line.at;
  }

  /** Nobody waits for the lease of a worker that is not in the run any more to end. */
  function freeOthers(workers: readonly string[]): void {
    for (const entry of leased) if (!workers.includes(entry.open?.worker ?? '')) move(entry, () => 'pending');
  }

  /** What a controller claimed and never handed over before it died is as if it had not been claimed. */
  function freeUnbegun(): void {
    for (const entry of entries.values()) {
      const { open } = entry;
      if (open?.begun === false) move(entry, () => unclaimed(entry, open.attempt));
    }
  }

  function unclaimed(entry: Entry, attempt: number): 'pending' {
    entry.attempts = attempt - 1;
    entry.open = undefined;
    return 'pending';
  }

  /** Time in which there was no controller is no attempt's, as it costs the run nothing (`workerSpans`). */
  function passOver(ms: number): void {
    for (const { open } of entries.values()) if (open) open.begunAt += Math.max(0, ms);
  }

  /** What a line makes of its task. */
  function statusAfter(entry: Entry, line: AttemptLine): Entry['status'] {
    entry.attempts = Math.max(entry.attempts, line.attempt);
    switch (line.type) {
      case 'started':
      case 'renewed': {
        const { attempt, worker, at } = line;
        const before = entry.open?.attempt === attempt ? entry.open : undefined;
        const resetMs = line.type === 'renewed' ? (line.resetMs ?? before?.resetMs) : undefined;
        // Lines of versions without leases have no end: such a lease is over, but its worker still has the attempt.
        const isBegun = begins(line) || before?.begun === true;
        const begunAt = before?.begunAt ?? at;
        entry.open = { attempt, worker, begunAt, until: line.until ?? 0, resetMs, begun: isBegun };
        return 'leased';
      }
      case 'returned':
        return line.begun === false ? unclaimed(entry, line.attempt) : 'pending';
      case 'finished': {
        entry.open = undefined;
        const spoiled = line.state === 'infra_error';
        entry.spoiled += spoiled ? 1 : 0;
        entry.spoiledBy = spoiled ? line.worker : undefined;
        if (spoiled || line.state === 'cancelled' || line.left) unsettled.add(entry);
        else unsettled.delete(entry);
        return spoiled && entry.spoiled <= infraRetries ? 'pending' : 'done';
      }
    }
  }

  /** Who opens the run again wants another try of what the infrastructure or a person spoiled, or did not come home. */
  function reopen(entry: Entry): void {
    unsettled.delete(entry);
    entry.spoiled = 0;
    if (entry.status === 'done') move(entry, () => 'pending');
  }

  function choose(worker: string, now: number, ownOnly: boolean): Choice | undefined {
    for (const entry of leased) {
      if (entry.open?.worker === worker) return choiceOf(entry, worker, now);
    }
    freeExpired(now);
    const list = waiting.all();
    const own = leftBy(worker, list);
    if (own || ownOnly) return own && choiceOf(own, worker, now);
    // What this worker has just spoiled is tried elsewhere, as long as somebody else is at work.
    const next = list.find((entry) => entry.spoiledBy !== worker) ?? (leased.size === 0 ? list[0] : undefined);
    return next && choiceOf(next, worker, now);
  }

  /** What a worker began and left. Begun ones stand in front, so that the rest need not be looked at. */
  function leftBy(worker: string, list: readonly Entry[]): Entry | undefined {
    for (const entry of list) {
      if (entry.attempts === 0) return undefined;
      if (entry.open?.worker === worker) return entry;
    }
    return undefined;
  }

  function choiceOf(entry: Entry, worker: string, now: number): Choice {
    const { task, open, attempts } = entry;
    return open?.worker === worker
      ? { task, attempt: open.attempt, again: true, begunAt: open.begunAt, resetMs: open.resetMs }
      : { task, attempt: attempts + 1, again: false, begunAt: now, resetMs: undefined };
  }

  function isHeld({ task, attempt, worker }: Pick<TaskLease, 'task' | 'attempt' | 'worker'>): boolean {
    const entry = entries.get(task);
    return entry?.status !== 'done' && entry?.open?.attempt === attempt && entry.open.worker === worker;
  }

  function freeExpired(now: number): void {
    for (const entry of leased) if ((entry.open?.until ?? 0) <= now) move(entry, () => 'pending');
  }

  function view(now: number): QueueView {
    freeExpired(now);
    const pending = waiting.all().length;
    return { pending, leased: leased.size, done: entries.size - pending - leased.size };
  }
}
