import { expect, it } from 'vitest';
import { statusLines } from '../../../src/commands/status-lines.js';
import type { LockHolder } from '../../../src/state/lock.js';
import type { DeploymentRecord } from '../../../src/state/deployment.js';
import type { WorkerStatus } from '../../../src/operations/worker-status.js';
import { deploymentRecord } from '../../helpers/deployment-record.js';
import { callOf } from '../../helpers/lab-session.js';

const record = deploymentRecord({ workers: ['w0'], leaving: ['w1', 'w2'] });
const linesOf = (
  more: Partial<DeploymentRecord>,
  workers: readonly WorkerStatus[] = [],
  ...rest: [LockHolder?]
): readonly string[] =>
  statusLines({ ...record, ...more }, workers, callOf('/nowhere', {}, new AbortController().signal), ...rest);
const worker = (ready: boolean): WorkerStatus => ({ worker: 'w0', ready, layers: [] });

it('names workers that are still being deleted, and billed', () => {
  const lines = linesOf({});
  expect(lines.join(' ')).toContain('w1, w2');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(linesOf({ leaving: [] }).join(' ')).not.toContain('w1');
});

it.each([
  ['ready', 'up'],
  ['pausing', 'pool-pause'],
  ['paused', 'pool-resume'],
  ['deleting', 'down'],
] as const)('of a %s deployment goes on with %s', (intent, command) => {
  const more = { intent, leaving: [] };
  expect(linesOf(more, [worker(false)]).at(-1)).toContain(` ${command} --name test`);
  expect(linesOf(more, [worker(true)]).join(' ')).not.toContain(` ${command} `);
});

it('names who is at work, and proposes nothing that would be refused meanwhile', () => {
  const holder = { pid: 7, host: 'desk', command: 'waa up', since: '2026-11-22T18:00:00Z' };
  const lines = linesOf({ leaving: [] }, [worker(false)], holder);
  expect(lines.at(-1)).toContain('is at work on it (process 7 on desk)');
  expect(lines.join(' ')).not.toContain('--resume');
});
