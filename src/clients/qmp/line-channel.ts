import type { Duplex } from 'node:stream';
import { fail } from '../../failures/waa-error.js';

/** QMP answers are short; a longer line is not QMP. */
const MAX_LINE_BYTES = 1024 * 1024;

/** JSON values, one a line, over a stream. */
export interface LineChannel {
  readonly closed: boolean;
  /** The next value; rejects with QEMU_QMP_CLOSED at the end and QEMU_QMP_PROTOCOL for what is no JSON. */
  next(): Promise<unknown>;
  send(value: unknown): void;
}

/** Wraps a stream. Values that arrive before they are asked for are kept. */
export function openLineChannel(stream: Duplex): LineChannel {
  const arrived: unknown[] = [];
  let waiting: { resolve(value: unknown): void; reject(error: unknown): void } | undefined;
  let ended: Error | undefined;
  let pending = '';

  const end = (error: Error): void => {
    if (ended !== undefined) return;
    ended = error;
    waiting?.reject(error);
    waiting = undefined;
  };
  const deliver = (value: unknown): void => {
    if (!waiting) {
      arrived.push(value);
      return;
    }
    waiting.resolve(value);
    waiting = undefined;
  };
  const receive = (line: string): void => {
    if (line.trim() === '') return;
    try {
      deliver(JSON.parse(line));
    } catch (cause) {
      end(fail('QEMU_QMP_PROTOCOL', { problem: 'a line that is no JSON' }, { cause }));
    }
  };

  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    pending += chunk;
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) receive(line);
    if (pending.length > MAX_LINE_BYTES) end(fail('QEMU_QMP_PROTOCOL', { problem: 'a line without end' }));
  });
  stream.on('error', (cause) => end(fail('QEMU_QMP_CLOSED', { command: 'reading' }, { cause })));
  stream.on('close', () => end(fail('QEMU_QMP_CLOSED', { command: 'reading' })));
  stream.on('end', () => end(fail('QEMU_QMP_CLOSED', { command: 'reading' })));

  return {
    get closed() {
      return ended !== undefined;
    },
    next() {
      if (arrived.length > 0) return Promise.resolve(arrived.shift());
      if (ended !== undefined) return Promise.reject(ended);
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
      });
    },
    send(value) {
      stream.write(`${JSON.stringify(value)}\n`);
    },
  };
}
