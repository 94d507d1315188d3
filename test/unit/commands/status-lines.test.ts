import { expect, it } from 'vitest';
import { statusLines } from '../../../src/commands/status-lines.js';
import type { DeploymentRecord } from '../../../src/state/deployment.js';
import { callOf } from '../../helpers/lab-session.js';

const record: DeploymentRecord = {
  name: 'test',
  home: 'lab',
  subscriptionId: 's',
  resourceGroup: 'waa-test',
  region: 'eastus',
  vmSize: 'Standard_D8ds_v5',
  workers: ['w0'],
  leaving: ['w1', 'w2'],
  createdAt: '2026-01-01T00:00:00.000Z',
  owner: 'me',
  configFingerprint: 'abc',
  intent: 'ready',
  intentAt: '2026-01-01T00:00:00.000Z',
};
const linesOf = (more: Partial<DeploymentRecord>): readonly string[] =>
  statusLines({ ...record, ...more }, [], callOf('/nowhere', {}, new AbortController().signal));

it('names workers that are still being deleted, and billed', () => {
  const lines = linesOf({});
  expect(lines.join(' ')).toContain('w1, w2');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(linesOf({ leaving: [] }).join(' ')).not.toContain('w1');
});
