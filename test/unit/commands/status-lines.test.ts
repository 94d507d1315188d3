import { expect, it } from 'vitest';
import { statusLines } from '../../../src/commands/status-lines.js';
import type { DeploymentRecord } from '../../../src/state/deployment.js';
import { deploymentRecord } from '../../helpers/deployment-record.js';
import { callOf } from '../../helpers/lab-session.js';

const record = deploymentRecord({ workers: ['w0'], leaving: ['w1', 'w2'] });
const linesOf = (more: Partial<DeploymentRecord>): readonly string[] =>
  statusLines({ ...record, ...more }, [], callOf('/nowhere', {}, new AbortController().signal));

it('names workers that are still being deleted, and billed', () => {
  const lines = linesOf({});
  expect(lines.join(' ')).toContain('w1, w2');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(linesOf({ leaving: [] }).join(' ')).not.toContain('w1');
});
