import { closeSync, fstatSync, fsync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { eventData, eventEnvelope, type WaaEvent } from './catalogue.js';
import type { EventConsumer } from './bus.js';

export interface JournalOptions {
  readonly file: string;
  /** Removes secrets from a serialised event; must keep it JSON. */
  readonly redact: (text: string) => string;
}

/**
 * A consumer that appends every event as one JSON line. Written synchronously, so that a killed process loses nothing
 * it emitted; layer changes and errors also survive a power cut a moment later (fsync, shared by what comes meanwhile).
 * A torn line left by an earlier crash is closed off first, so that it cannot swallow the next event. Raises the system's
 * error when the file cannot be opened.
 */
export function createJournal({ file, redact }: JournalOptions): EventConsumer {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const handle = openSync(file, 'a+', 0o600);
  if (endsTorn(handle)) writeSync(handle, '\n');
  let flushing: Promise<void> | undefined;
  let isDirty = false;
  const flush = async (): Promise<void> => {
    while (isDirty) {
      isDirty = false;
      // A disk that cannot sync is found out when the journal is closed; every line is written all the same.
      await promisify(fsync)(handle).catch(() => undefined);
    }
    flushing = undefined;
  };
  return {
    name: 'journal',
    consume(event) {
      writeSync(handle, `${redact(JSON.stringify(event))}\n`);
      if (event.type !== 'layer.state' && event.level !== 'error') return;
      isDirty = true;
      flushing ??= flush();
    },
    async close() {
      await flushing;
      fsyncSync(handle);
      closeSync(handle);
    },
  };
}

function endsTorn(handle: number): boolean {
  const { size } = fstatSync(handle);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(handle, last, 0, 1, size - 1);
  return last.toString() !== '\n';
}

/** Part of a journal. */
export interface JournalPart {
  readonly events: readonly WaaEvent[];
  /** Complete lines that are no event of a known kind: torn by a crash, or written by a newer version. */
  readonly skipped: number;
  /** Byte to read from next time; an unfinished last line is before it only once it is finished. */
  readonly nextOffset: number;
}

/**
 * Reads a journal from a byte offset that an earlier read returned (0: all of it). An unfinished last line is left for
 * the next read. A file that is not there yet, or became shorter, is read as empty and from its beginning.
 */
export async function readJournal(file: string, fromOffset = 0): Promise<JournalPart> {
  const text = await readFrom(file, fromOffset);
  if (text === undefined) return { events: [], skipped: 0, nextOffset: 0 };
  const end = text.lastIndexOf('\n') + 1;
  const lines = text
    .subarray(0, end)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  const events = lines.map(parseEvent).filter((event) => event !== undefined);
  return { events, skipped: lines.length - events.length, nextOffset: fromOffset + end };
}

async function readFrom(file: string, offset: number): Promise<Buffer | undefined> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!handle) return undefined;
  try {
    const { size } = await handle.stat();
    if (size < offset) return undefined;
    const buffer = Buffer.alloc(size - offset);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function parseEvent(line: string): WaaEvent | undefined {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined; // torn by a crash; counted by the caller
  }
  const envelope = eventEnvelope.safeParse(json);
  if (!envelope.success) return undefined;
  const data = eventData[envelope.data.type].safeParse(envelope.data.data);
  return data.success ? ({ ...envelope.data, data: data.data } as WaaEvent) : undefined;
}
