import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { Deadline } from '../../../src/health/deadline.js';
import { guardDisk, mountOf, type DiskCleaning } from '../../../src/health/disk-guardian.js';
import { createRecordingBus } from '../../helpers/recording-bus.js';

const GIB = 1024 ** 3;

function guard(freeGb: number, needGb: number, frees: readonly (number | Error)[]) {
  const clock = createManualClock();
  const bus = createRecordingBus(clock);
  const done: number[] = [];
  let free = freeGb * GIB;
  const cleanings = frees.map((gb, index): DiskCleaning => ({
    what: `cleaning ${index}`,
    run: async () => {
      done.push(index);
      if (gb instanceof Error) throw gb;
      free += gb * GIB;
      return gb * GIB;
    },
  }));
  const result = guardDisk({
    path: '/data',
    needBytes: needGb * GIB,
    measure: async () => free,
    cleanings,
    deadline: Deadline.none(clock),
    emit: bus.emit,
  });
  return { result, done, bus };
}

describe('disk guardian', () => {
  it('cleans nothing when there is room', async () => {
    const { result, done } = guard(60, 50, [10]);
    expect(await result).toBe(60 * GIB);
    expect(done).toEqual([]);
  });

  it('cleans until there is room, not further', async () => {
    const { result, done } = guard(40, 50, [5, 5, 5]);
    expect(await result).toBe(50 * GIB);
    expect(done).toEqual([0, 1]);
  });

  it('stops with the numbers when nothing is left to clean', async () => {
    const { result } = guard(5, 50, [0]);
    await expect(result).rejects.toMatchObject({ message: 'Insufficient disk space: 5 GB free on /data, need 50 GB' });
  });

  it('tells a cleaning that failed and goes on with the next', async () => {
    const { result, done, bus } = guard(40, 50, [new Error('docker is down'), 10]);
    expect(await result).toBe(50 * GIB);
    expect(done).toEqual([0, 1]);
    expect(bus.events[0]).toMatchObject({ level: 'warn', text: expect.stringContaining('docker is down') as string });
  });

  it('finds the mount a path lies on', () => {
    const mount = (path: string) => ({ path, source: '', fsType: 'ext4', sizeBytes: 0, freeBytes: 0 });
    const mounts = [mount('/'), mount('/data')];
    expect(mountOf(mounts, '/data/docker')?.path).toBe('/data');
    expect(mountOf(mounts, '/database')?.path).toBe('/');
    expect(mountOf([], '/data')).toBeUndefined();
  });
});
