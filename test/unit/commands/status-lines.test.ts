import { expect, it } from 'vitest';
import { statusLines } from '../../../src/commands/status-lines.js';
import type { DeploymentRecord } from '../../../src/state/deployment.js';
import type { WorkerStatus } from '../../../src/operations/worker-status.js';
import { deploymentRecord } from '../../helpers/deployment-record.js';
import { callOf } from '../../helpers/lab-session.js';

const record = deploymentRecord({ workers: ['w0'], leaving: ['w1', 'w2'] });
const linesOf = (more: Partial<DeploymentRecord>, workers: readonly WorkerStatus[] = []): readonly string[] =>
  statusLines({ ...record, ...more }, workers, callOf('/nowhere', {}, new AbortController().signal));

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
  const worker = (ready: boolean): WorkerStatus => ({ worker: 'w0', ready, layers: [] });
  const more = { intent, leaving: [] };
  expect(linesOf(more, [worker(false)]).at(-1)).toContain(` ${command} --name test`);
  expect(linesOf(more, [worker(true)]).join(' ')).not.toContain(` ${command} `);
});
