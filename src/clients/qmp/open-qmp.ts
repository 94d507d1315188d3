import type { Duplex } from 'node:stream';
import * as z from 'zod';
import type { Clock } from '../../clock/clock.js';
import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import type { OpenQmp, QemuStatus, QmpEvent, QmpSession } from './qmp.js';
import { openLineChannel } from './line-channel.js';

const KEPT_EVENTS = 100;

const greetingSchema = z.object({
  QMP: z.object({
    version: z.object({ qemu: z.object({ major: z.number(), minor: z.number(), micro: z.number() }) }),
  }),
});
const errorSchema = z.object({ class: z.string(), desc: z.string() });
const messageSchema = z.union([
  z.object({
    event: z.string(),
    data: z.record(z.string(), z.unknown()).optional(),
    timestamp: z.object({ seconds: z.number(), microseconds: z.number() }),
  }),
  z.object({ id: z.number().optional(), error: errorSchema }),
  z.object({ id: z.number().optional(), return: z.unknown() }),
]);

const STATUSES = [
  'running',
  'paused',
  'prelaunch',
  'shutdown',
  'io-error',
  'internal-error',
  'guest-panicked',
  'watchdog',
  'debug',
  'inmigrate',
  'postmigrate',
  'finish-migrate',
  'restore-vm',
  'save-vm',
  'suspended',
  'colo',
] as const satisfies readonly QemuStatus[];
const statusSchema = z.object({ status: z.enum(STATUSES) });
const kvmSchema = z.object({ enabled: z.boolean() });
const blockStatsSchema = z.array(z.object({ stats: z.object({ rd_bytes: z.number(), wr_bytes: z.number() }) }));

/**
 * Opens a QMP session on a new stream: greeting, then capabilities negotiation. Commands are sent one at a time in the
 * order of the calls. Raises QEMU_QMP_CLOSED, QEMU_QMP_PROTOCOL, QEMU_QMP_COMMAND, and what opening the stream raises.
 */
export const openQmp: OpenQmp = async (openStream, clock, deadline) => {
  const stream = await openStream(deadline);
  try {
    return await deadline.race(negotiate(stream, clock, deadline));
  } catch (error) {
    stream.destroy();
    throw error;
  }
};

async function negotiate(stream: Duplex, clock: Clock, deadline: Deadline): Promise<QmpSession> {
  const channel = openLineChannel(stream);
  const greeting = greetingSchema.safeParse(await channel.next());
  if (!greeting.success) throw fail('QEMU_QMP_PROTOCOL', { problem: 'no QMP greeting' }, { cause: greeting.error });
  const { major, minor, micro } = greeting.data.QMP.version.qemu;

  const events: QmpEvent[] = [];
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void; command: string }>();
  let nextId = 1;

  const receive = async (): Promise<void> => {
    for (;;) {
      const parsed = messageSchema.safeParse(await channel.next());
      if (!parsed.success) throw fail('QEMU_QMP_PROTOCOL', { problem: 'a message that is neither answer nor event' });
      const message = parsed.data;
      if ('event' in message) {
        const { seconds, microseconds } = message.timestamp;
        const epochMs = seconds < 0 ? clock.now() : seconds * 1000 + microseconds / 1000;
        events.push({ event: message.event, data: message.data ?? {}, epochMs });
        if (events.length > KEPT_EVENTS) events.shift();
        continue;
      }
      const call = message.id === undefined ? undefined : waiting.get(message.id);
      if (!call || message.id === undefined)
        throw fail('QEMU_QMP_PROTOCOL', { problem: 'an answer to nothing that was asked' });
      waiting.delete(message.id);
      if ('error' in message) {
        const params = { command: call.command, errorClass: message.error.class, detail: message.error.desc };
        call.reject(fail('QEMU_QMP_COMMAND', params));
      } else call.resolve(message.return);
    }
  };
  receive().catch((error: unknown) => {
    for (const call of waiting.values()) call.reject(error);
    waiting.clear();
    stream.destroy();
  });

  const execute = async <T>(
    command: string,
    args: Record<string, unknown> | undefined,
    schema: z.ZodType<T>,
    until: Deadline,
  ): Promise<T> => {
    const id = nextId++;
    const answer = new Promise<unknown>((resolve, reject) => {
      if (channel.closed) reject(fail('QEMU_QMP_CLOSED', { command }));
      else waiting.set(id, { resolve, reject, command });
    });
    if (!channel.closed) channel.send({ execute: command, ...(args === undefined ? {} : { arguments: args }), id });
    const parsed = schema.safeParse(await until.race(answer));
    if (!parsed.success)
      throw fail('QEMU_QMP_PROTOCOL', { problem: `an unexpected answer to ${command}` }, { cause: parsed.error });
    return parsed.data;
  };
  const act = async (command: string, until: Deadline, args?: Record<string, unknown>): Promise<void> => {
    await execute(command, args, z.unknown(), until);
  };

  await act('qmp_capabilities', deadline);
  return {
    qemuVersion: `${major}.${minor}.${micro}`,
    status: async (until) => (await execute('query-status', undefined, statusSchema, until)).status,
    kvmEnabled: async (until) => (await execute('query-kvm', undefined, kvmSchema, until)).enabled,
    async blockStats(until) {
      const devices = await execute('query-blockstats', undefined, blockStatsSchema, until);
      const sum = (pick: (stats: { rd_bytes: number; wr_bytes: number }) => number): number =>
        devices.reduce((total, device) => total + pick(device.stats), 0);
      return { readBytes: sum((stats) => stats.rd_bytes), writtenBytes: sum((stats) => stats.wr_bytes) };
    },
    screendump: (path, until) => act('screendump', until, { filename: path, format: 'png' }),
    systemPowerdown: (until) => act('system_powerdown', until),
    systemReset: (until) => act('system_reset', until),
    cont: (until) => act('cont', until),
    events: () => [...events],
    [Symbol.asyncDispose]() {
      stream.destroy();
      return Promise.resolve();
    },
  };
}
