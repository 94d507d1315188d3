import { describe, expect, it } from 'vitest';
import { billedFor, intendScale, isUnfinished, leavingOf } from '../../../src/operations/scale.js';
import type { DeploymentRecord } from '../../../src/state/deployment.js';
import { statePaths } from '../../../src/state/paths.js';
import { deploymentRecord } from '../../helpers/deployment-record.js';

const known = deploymentRecord();

/** What becomes of a record when so many workers are asked for, one after the other. */
async function scaled(first: Partial<DeploymentRecord>, ...counts: readonly number[]): Promise<DeploymentRecord> {
  let record: DeploymentRecord = { ...known, ...first };
  const change = (part: Partial<DeploymentRecord>): Promise<void> => {
    record = { ...record, ...part };
    return Promise.resolve();
  };
  const open = {
    get record() {
      return record;
    },
    change,
    intend: (intent: DeploymentRecord['intent']) => change({ intent }),
  };
  const session = { paths: statePaths('/nowhere') };
  for (const count of counts) await intendScale(session, open, count, { force: true, minWorkers: undefined });
  return record;
}

/** Of a deployment of which these workers were ready once. */
const unfinished = (record: DeploymentRecord, ...ready: readonly string[]): boolean =>
  isUnfinished({
    record,
    checkpoint: { milestones: (worker) => (ready.includes(worker) ? { waa_ready: 1 } : {}) },
  });

describe('a pool that grew', () => {
  it('is brought up by the same command again, until its workers are ready', async () => {
    const record = await scaled({}, 4, 4);
    expect(record).toMatchObject({ workers: ['w0', 'w1', 'w2', 'w3'], intent: 'resuming' });
    expect(unfinished(record, 'w0', 'w1')).toBe(true);
    expect(unfinished({ ...record, intent: 'ready' }, 'w0', 'w1', 'w2', 'w3')).toBe(false);
  });

  it('is asked about with all its workers where it was paused: each of them is billed again', () => {
    const grown = { added: ['w2'], count: 3 };
    expect(billedFor({ intent: 'ready' }, grown)).toEqual(['w2']);
    expect(billedFor({ intent: 'paused' }, grown)).toEqual(['w0', 'w1', 'w2']);
  });

  it('by workers that were kept warm, and ready once, is brought up too', async () => {
    const record = await scaled({ warm: ['w2'] }, 3, 3);
    expect(record).toMatchObject({ workers: ['w0', 'w1', 'w2'], warm: [] });
    expect(unfinished(record, 'w0', 'w1', 'w2')).toBe(true);
  });

  it('has what was to be kept warm as workers', async () => {
    const record = await scaled({ cooling: ['w1'] }, 2);
    expect(record).toMatchObject({ workers: ['w0', 'w1'], cooling: [], intent: 'resuming' });
  });
});

describe('a pool that shrank', () => {
  it('keeps nothing warm that leaves', async () => {
    const record = await scaled({ cooling: ['w1'] }, 1);
    expect(record).toMatchObject({ workers: ['w0'], cooling: [], leaving: ['w1'], intent: 'ready' });
    expect(leavingOf(record)).toEqual(['w1']);
  });

  it('has nobody leaving who is wanted again', async () => {
    expect(leavingOf(await scaled({}, 1, 2))).toEqual([]);
  });
});

it.each(['pausing', 'paused', 'deleting'] as const)('a pool that is %s is not started by the way', (intent) => {
  expect(unfinished({ ...known, intent })).toBe(false);
});

it('a worker that was left out is tried again', () => {
  expect(unfinished(known, 'w0')).toBe(true);
});
