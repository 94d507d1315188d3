import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { openQmp } from '../../../src/clients/qmp/open-qmp.js';
import type { QmpSession } from '../../../src/clients/qmp/qmp.js';
import type { Clock } from '../../../src/clock/clock.js';
import { Deadline } from '../../../src/health/deadline.js';

/** A running QEMU to test the client against: the lab's, or a real one. */
export interface QmpTarget {
  /** A new stream to its QMP socket. */
  open(deadline: Deadline): Promise<Duplex>;
  readonly clock: Clock;
  /** A file name QEMU can write, and how to read it back. */
  readonly screenPath: string;
  readScreen(): Promise<Uint8Array>;
  /** A path in a directory that does not exist for QEMU. */
  readonly impossiblePath: string;
  close(): Promise<void>;
}

/** What the QMP client promises, against any QEMU. */
export function qmpContract(name: string, setup: () => Promise<QmpTarget>): void {
  describe(`QMP client against ${name}`, () => {
    const cleanups: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    });

    async function session(): Promise<{ target: QmpTarget; qmp: QmpSession; deadline: Deadline }> {
      const target = await setup();
      cleanups.push(() => target.close());
      const deadline = Deadline.after(30_000, target.clock);
      const qmp = await openQmp((own) => target.open(own), deadline);
      cleanups.push(async () => {
        await qmp[Symbol.asyncDispose]();
        deadline[Symbol.dispose]();
      });
      return { target, qmp, deadline };
    }

    it('reads status, acceleration and disk counters', async () => {
      const { qmp, deadline } = await session();
      expect(await qmp.status(deadline)).toBe('running');
      expect(typeof (await qmp.kvmEnabled(deadline))).toBe('boolean');
      const stats = await qmp.blockStats(deadline);
      expect(stats.writtenBytes).toBeGreaterThanOrEqual(0);
      expect(stats.readBytes).toBeGreaterThanOrEqual(0);
    });

    it('answers commands that are sent at the same time, each to its caller', async () => {
      const { qmp, deadline } = await session();
      const [first, second, third] = await Promise.all([
        qmp.status(deadline),
        qmp.blockStats(deadline),
        qmp.status(deadline),
      ]);
      expect(first).toBe('running');
      expect(second).toHaveProperty('writtenBytes');
      expect(third).toBe('running');
    });

    it('writes a screendump as PNG', async () => {
      const { target, qmp, deadline } = await session();
      await qmp.screendump(target.screenPath, deadline);
      expect(
        Buffer.from(await target.readScreen())
          .subarray(1, 4)
          .toString(),
      ).toBe('PNG');
    });

    it('turns an error of QEMU into QEMU_QMP_COMMAND with its class and words, and goes on', async () => {
      const { target, qmp, deadline } = await session();
      await expect(qmp.screendump(target.impossiblePath, deadline)).rejects.toMatchObject({
        code: 'QEMU_QMP_COMMAND',
        params: { command: 'screendump', errorClass: 'GenericError' },
      });
      expect(await qmp.status(deadline)).toBe('running');
    });

    it('passes over the events of a reset', async () => {
      const { qmp, deadline } = await session();
      await qmp.systemReset(deadline);
      expect(await qmp.status(deadline)).toBe('running');
    });

    it('fails with QEMU_QMP_CLOSED after it was closed', async () => {
      const { qmp, deadline } = await session();
      await qmp[Symbol.asyncDispose]();
      await expect(qmp.status(deadline)).rejects.toMatchObject({ code: 'QEMU_QMP_CLOSED' });
    });
  });
}
