import type { Duplex } from 'node:stream';
import type { Qemu } from '../../world/contracts.js';
import { runQmpCommand, type QmpReply } from './commands.js';

/** QEMU ends a monitor connection whose line grows beyond this (its JSON parser's token limit, rounded). */
const MAX_LINE_BYTES = 64 * 1024;

export interface ServeQmpOptions {
  /** Epoch ms, for the time stamps of events. */
  readonly now: () => number;
}

/**
 * Speaks QMP for one client on one stream, as QEMU 11 does: greeting, capabilities negotiation first, one JSON command a
 * line, `id` echoed, events in between. Ends when the client goes or QEMU does.
 */
export function serveQmp(qemu: Qemu, duplex: Duplex, { now }: ServeQmpOptions): void {
  let negotiated = false;
  let pending = '';
  const send = (message: unknown): void => {
    if (duplex.writable) duplex.write(`${JSON.stringify(message)}\r\n`);
  };
  const unregister = qemu.onEvent((event, data) => {
    if (!negotiated) return;
    const at = now();
    const timestamp = { seconds: Math.floor(at / 1000), microseconds: Math.floor((at % 1000) * 1000) };
    send({ timestamp, event, ...(Object.keys(data).length > 0 ? { data } : {}) });
    if (event === 'SHUTDOWN') duplex.end();
  });

  const answer = (line: string): QmpReply => {
    let command: unknown;
    try {
      command = JSON.parse(line);
    } catch {
      return { error: { class: 'GenericError', desc: 'JSON parse error, invalid keyword' } };
    }
    const { reply, negotiates } = runQmpCommand(qemu, command, negotiated);
    if (negotiates) negotiated = true;
    return reply;
  };

  duplex.setEncoding('utf8');
  duplex.on('data', (chunk: string) => {
    pending += chunk;
    if (Buffer.byteLength(pending) > MAX_LINE_BYTES) {
      send({ error: { class: 'GenericError', desc: 'JSON token size limit exceeded' } });
      duplex.end();
      return;
    }
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') send(answer(line));
  });
  duplex.on('end', () => duplex.end());
  duplex.on('close', unregister);
  duplex.on('error', unregister);

  const version = { qemu: { micro: 0, minor: 1, major: 11 }, package: '' };
  send({ QMP: { version, capabilities: ['oob'] } });
}
