import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shippedTaskIndex } from '../../src/benchmark/task-index.js';
import { openStorage } from '../../src/lab/world/dockur/storage.js';
import { runAndReport } from '../../src/operations/report-run.js';
import type { Session } from '../../src/session.js';
import type { OpenDeployment } from '../../src/operations/open-deployment.js';
import { startLabRig, type LabRig } from '../helpers/lab-session.js';

type Mode = Session['config']['benchmark']['reset'];

let rig: LabRig;
beforeAll(async () => {
  rig = await startLabRig();
});
afterAll(() => rig.close());

it('each mode brings back what it promises, and what it costs stands in events, record and report', async () => {
  const clock = shippedTaskIndex().tasks.filter((task) => task.domain === 'clock');
  const traces = (): number => {
    const machine = rig.lab.world.azure.findMachine('waa-test-w0');
    return (machine && openStorage(machine, '/data/waa/storage').windows?.taskTraces) ?? -1;
  };
  const runWith = async (session: Session, open: OpenDeployment, runId: string, reset: Mode, count: number) => {
    const config = { ...session.config, benchmark: { ...session.config.benchmark, reset } };
    const request = { runId, tasks: clock.slice(0, count), selection: { sources: ['clock'] } };
    const { summary } = await runAndReport({ ...session, config }, open, request);
    expect(summary).toMatchObject({ complete: true, states: { infra_error: 0 } });
    return traces();
  };
  // The first run makes the copy of a Windows that no task has used; a task leaves one trace on the disk.
  const { error, value, events } = await rig.up(async (session, open) => ({
    golden: await runWith(session, open, 'one', 'golden', 1),
    guest: await runWith(session, open, 'two', 'guest', 1),
    closeAll: await runWith(session, open, 'three', 'close-all', 1),
    again: await runWith(session, open, 'four', 'golden', 1),
    directory: session.paths.run('one').directory,
  }));
  expect(error).toBeUndefined();
  expect(value).toMatchObject({ golden: 1, guest: 2, closeAll: 3, again: 1 });

  const faults = events.flatMap((event) => (event.type === 'layer.fault' ? [event.data.fault.code] : []));
  expect(faults).not.toContain('QEMU_CONTAINER_KILLED');

  const resets = events.flatMap((event) => (event.type === 'task.reset' ? [event.data] : []));
  const seconds = (mode: Mode): readonly number[] =>
    resets.filter((reset) => reset.mode === mode).map((reset) => reset.durationMs / 1000);
  expect(seconds('close-all')).toHaveLength(1);
  // Windows takes at least 45 s to boot here, and 25 GB at 110 MB/s almost four minutes. How much more depends on this machine.
  expect(seconds('guest')).toEqual([expect.toSatisfy((time: number) => time > 45)]);
  expect(seconds('golden')).toHaveLength(2);
  expect(Math.min(...seconds('golden'))).toBeGreaterThan(200);

  const read = (name: string): string => readFileSync(join(value?.directory ?? '', name), 'utf8');
  expect(JSON.parse(read('results.json'))).toMatchObject({
    run: { reset: 'golden' },
    summary: { reset: { mode: 'golden', attempts: 1, meanMs: expect.any(Number) } },
    attempts: [{ resetMs: expect.any(Number) }],
  });
  expect(read('report.html')).toContain('Windows was reset (golden) before 1 attempt:');
});
