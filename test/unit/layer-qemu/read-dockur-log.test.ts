import { expect, it } from 'vitest';
import type { ContainerInfo, DockerEngine } from '../../../src/clients/docker-engine/docker-engine.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { Deadline } from '../../../src/health/deadline.js';
import { readDockurLog } from '../../../src/layers/read-dockur-log.js';

const STARTED_AT = Date.parse('2026-11-22T12:00:00Z');
const EARLIER: readonly (readonly [at: number, line: string])[] = [
  [STARTED_AT - 90_000, '❯ Starting Windows for Docker v6.05...'],
  [STARTED_AT - 60_000, '❯ Windows started successfully, visit http://127.0.0.1:8006/ to view the screen...'],
  [STARTED_AT - 2000, '❯ ERROR: QEMU exited unexpectedly!'],
];

/** A daemon that keeps one log for all starts, as Docker does. */
const read = (lines: typeof EARLIER) => {
  const logs: DockerEngine['logs'] = (_id, _tail, _deadline, sinceMs = 0) =>
    Promise.resolve(lines.flatMap(([at, line]) => (at >= sinceMs ? [line] : [])).join('\n'));
  const container = { id: 'c1', startedAt: new Date(STARTED_AT).toISOString() } as ContainerInfo;
  return readDockurLog({ logs } as DockerEngine, container, Deadline.none(createManualClock()));
};

it('does not take the log of the start before for that of this one', async () => {
  expect(await read(EARLIER)).toMatchObject({ version: undefined, phase: 'container-start', errors: [] });
  expect(await read(EARLIER)).toMatchObject({ handedOver: false });
});

it('keeps a first line that came before Docker had noted the start', async () => {
  expect(await read([...EARLIER, [STARTED_AT - 20, '❯ Starting Windows for Docker v5.14...']])).toMatchObject({
    version: '5.14',
  });
});

it('reads all of a container that was never started', async () => {
  const never = { id: 'c1', startedAt: '0001-01-01T00:00:00Z' } as ContainerInfo;
  const logs: DockerEngine['logs'] = (_id, _tail, _deadline, sinceMs) => Promise.resolve(`since ${sinceMs}`);
  const log = await readDockurLog({ logs } as DockerEngine, never, Deadline.none(createManualClock()));
  expect(log.lastLine).toBe('since 0');
});
