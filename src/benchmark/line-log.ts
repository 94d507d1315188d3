import { closeSync, fdatasync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { fail, type WaaError } from '../failures/waa-error.js';
import { errorCode } from '../state/store.js';

/**
 * Lines at the end of a file, in the order given. Two promises, because the disk takes milliseconds for the second:
 * appended, a line survives the death of this process; flushed, it survives a power cut.
 */
export interface LineLog {
  /**
   * The system has the line when this returns. It blocks: some hundred bytes into the system's memory take 10 µs, less
   * than asking a thread to do it, and two lines cannot overtake each other. Raises OWN_STATE_UNWRITABLE.
   */
  append(line: string): void;
  /** Resolves when every line appended so far is on the disk. Callers at the same time share one wait for it. */
  flush(): Promise<void>;
  /** Flushes and closes. */
  close(): Promise<void>;
}

/** The calls to the system a log is made of. */
export interface LogFile {
  write(text: string): void;
  sync(): Promise<void>;
  close(): void;
}

/** Opens, and makes, the log at `path`; `what` names it in messages. Raises OWN_STATE_UNWRITABLE. */
export function openLineLog(path: string, what: string): LineLog {
  const unwritable = (error: unknown): WaaError =>
    fail('OWN_STATE_UNWRITABLE', { file: path, what, problem: errorCode(error) ?? String(error) }, { cause: error });
  try {
    return createLineLog(logFile(openSync(path, 'a', 0o600)), unwritable);
  } catch (error) {
    throw unwritable(error);
  }
}

function logFile(descriptor: number): LogFile {
  const sync = promisify(fdatasync);
  return {
    write(text) {
      const bytes = Buffer.from(text);
      let done = 0;
      while (done < bytes.length) done += writeSync(descriptor, bytes, done);
    },
    sync: () => sync(descriptor),
    close: () => {
      closeSync(descriptor);
    },
  };
}

/** The log over an open file. `unwritable` names what went wrong. */
export function createLineLog(file: LogFile, unwritable: (error: unknown) => WaaError): LineLog {
  let written = 0;
  let synced = 0;
  let syncing: Promise<void> | undefined;

  /** One wait for the disk at a time; it counts for what was written before it began. */
  const sync = (): Promise<void> => {
    const upTo = written;
    syncing ??= file
      .sync()
      .then(() => {
        synced = upTo;
      })
      .finally(() => {
        syncing = undefined;
      });
    return syncing;
  };
  const log: LineLog = {
    append(line) {
      try {
        file.write(`${line}\n`);
      } catch (error) {
        throw unwritable(error);
      }
      written += 1;
    },
    async flush() {
      const wanted = written;
      try {
        while (synced < wanted) await sync();
      } catch (error) {
        throw unwritable(error);
      }
    },
    async close() {
      try {
        await log.flush();
      } finally {
        file.close();
      }
    },
  };
  return log;
}
