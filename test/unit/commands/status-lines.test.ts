import { expect, it } from 'vitest';
import { statusLines } from '../../../src/commands/status-lines.js';
import type { LockHolder } from '../../../src/state/lock.js';
import type { DeploymentRecord } from '../../../src/state/deployment.js';
import { deploymentRecord } from '../../helpers/deployment-record.js';
import { callOf } from '../../helpers/lab-session.js';

const record = deploymentRecord({ workers: ['w0'], leaving: ['w1', 'w2'] });
const linesOf = (more: Partial<DeploymentRecord>, ...rest: [LockHolder?]): readonly string[] =>
  statusLines({ ...record, ...more }, workers, callOf('/nowhere', {}, new AbortController().signal), ...rest);
const workers = [{ worker: 'w0', ready: false, layers: [{ id: 'docker', state: 'absent' }] }];

it('names workers that are still being deleted, and billed', () => {
  const lines = linesOf({});
  expect(lines.join(' ')).toContain('w1, w2');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(linesOf({ leaving: [] }).join(' ')).not.toContain('w1');
});

it('names who is at work, and proposes nothing that would be refused meanwhile', () => {
  expect(linesOf({ leaving: [] }).at(-1)).toMatch(/^Mend it with: waa .*--resume$/);
  const lines = linesOf({ leaving: [] }, { pid: 7, host: 'desk', command: 'waa up', since: '2026-11-22T18:00:00Z' });
  expect(lines.at(-1)).toContain('is at work on it (process 7 on desk)');
  expect(lines.join(' ')).not.toContain('--resume');
});
