import type { Duplex } from 'node:stream';
import * as z from 'zod';
import { fail } from '../../failures/waa-error.js';
import type { Deadline } from '../../health/deadline.js';
import { openCommandChannel } from './command-channel.js';
import type { OpenQmp, QemuStatus, QmpSession } from './qmp.js';

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
export const openQmp: OpenQmp = async (openStream, deadline) => {
  const stream = await openStream(deadline);
  try {
    return await deadline.race(negotiate(stream, deadline));
  } catch (error) {
    stream.destroy();
    throw error;
  }
};

async function negotiate(stream: Duplex, deadline: Deadline): Promise<QmpSession> {
  const channel = await openCommandChannel(stream);
  const ask = async <T>(command: string, schema: z.ZodType<T>, until: Deadline): Promise<T> => {
    const parsed = schema.safeParse(await channel.execute(command, undefined, until));
    if (parsed.success) return parsed.data;
    throw fail('QEMU_QMP_PROTOCOL', { problem: `an unexpected answer to ${command}` }, { cause: parsed.error });
  };
  const act = async (command: string, until: Deadline, args?: Record<string, unknown>): Promise<void> => {
    await channel.execute(command, args, until);
  };

  await act('qmp_capabilities', deadline);
  return {
    status: async (until) => (await ask('query-status', statusSchema, until)).status,
    kvmEnabled: async (until) => (await ask('query-kvm', kvmSchema, until)).enabled,
    async blockStats(until) {
      const devices = await ask('query-blockstats', blockStatsSchema, until);
      const sum = (pick: (stats: { rd_bytes: number; wr_bytes: number }) => number): number =>
        devices.reduce((total, device) => total + pick(device.stats), 0);
      return { readBytes: sum((stats) => stats.rd_bytes), writtenBytes: sum((stats) => stats.wr_bytes) };
    },
    screendump: (path, until) => act('screendump', until, { filename: path, format: 'png' }),
    systemPowerdown: (until) => act('system_powerdown', until),
    systemReset: (until) => act('system_reset', until),
    cont: (until) => act('cont', until),
    [Symbol.asyncDispose]() {
      stream.destroy();
      return Promise.resolve();
    },
  };
}
