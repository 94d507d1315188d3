import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRunStore } from '../../../src/benchmark/run-store.js';
import { WaaError } from '../../../src/failures/waa-error.js';
import { requireResultsHome } from '../../../src/operations/results-home.js';
import { statePaths } from '../../../src/state/paths.js';
import { fixtureHead } from '../../helpers/run-fixture.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'waa-home-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const deployment = 'demo';
const started = { type: 'started', at: 1, task: 'notepad/a', attempt: 1, worker: 'w1' } as const;

/** A run with an attempt that was begun on w1. */
async function begun(runId: string, more: { readonly deployment?: string } = {}): Promise<void> {
  const store = await openRunStore(statePaths(home).run(runId).directory, {
    ...fixtureHead,
    deployment,
    ...more,
    runId,
  });
  store.append(started);
  await store.close();
}

const requireHome = (options?: Parameters<typeof requireResultsHome>[2]): Promise<void> =>
  requireResultsHome(statePaths(home), deployment, options);

/** What is raised, as a person is told it. */
async function refusal(): Promise<readonly string[]> {
  const error: unknown = await requireHome().catch((thrown: unknown) => thrown);
  if (!(error instanceof WaaError)) return [];
  return [error.code, error.message, ...error.report().fix];
}

describe('results that must be home', () => {
  it('are where no run was, or its attempts are of other deployments and workers', async () => {
    await requireHome();
    await begun('r1', { deployment: 'other' });
    await begun('r2');
    await requireHome({ workers: ['w0', 'w2'] });
    await expect(requireHome({ workers: ['w1'] })).rejects.toMatchObject({ code: 'OWN_RESULTS_NOT_HOME' });
  });

  it('may be missing where the record of a run is damaged: it is named, with the way on', async () => {
    const { directory, record } = statePaths(home).run('r3');
    mkdirSync(directory, { recursive: true });
    writeFileSync(record, '');
    expect(await refusal()).toEqual([
      'OWN_RUN_UNREADABLE',
      expect.stringMatching(/^run r3 may have results on demo that are not home: .*it is empty/),
      expect.stringContaining(`mv "${record}"`),
      expect.stringMatching(/^waa results r3 /),
      expect.stringContaining('--force'),
    ]);
  });

  it('are no matter of a damaged run that surely belongs to another deployment', async () => {
    for (const [id, of] of Object.entries({ r1: 'other', r2: deployment })) {
      await begun(id, { deployment: of });
      writeFileSync(statePaths(home).run(id).queue, '?\n');
    }
    expect((await refusal()).slice(0, 2)).toEqual(['OWN_RUN_UNREADABLE', expect.stringMatching(/^run r2 /)]);
  });

  it('are missing for certain before anything that is only told', async () => {
    await begun('r1');
    await begun('r2');
    writeFileSync(statePaths(home).run('r2').queue, '?\n');
    const told: string[] = [];
    const passOver = ({ code }: WaaError): void => void told.push(code);
    await expect(requireHome({ passOver })).rejects.toMatchObject({ code: 'OWN_RESULTS_NOT_HOME', params: { run: 'r1' } });
    rmSync(statePaths(home).run('r1').directory, { recursive: true });
    await requireHome({ passOver });
    expect(told).toEqual(['OWN_RUN_UNREADABLE']);
  });
});
