import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { SshLink } from '../../../src/clients/ssh/ssh.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { Deadline } from '../../../src/health/deadline.js';
import type { RunThere } from '../../../src/host/task-supervisor.js';
import type { OpenWorker } from '../../../src/operations/open-worker.js';
import { refuseOthersOn, type OthersWork } from '../../../src/operations/others-runs.js';
import type { Session } from '../../../src/session.js';
import { statePaths } from '../../../src/state/paths.js';

const homes: string[] = [];
afterEach(() => {
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
});

/** Asks a worker that keeps `there`, from a home that knows the run `mine` alone. */
async function ask(there: readonly RunThere[], what: OthersWork): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'waa-others-'));
  homes.push(home);
  const paths = statePaths(home);
  mkdirSync(paths.run('mine').directory, { recursive: true });
  const stack = {
    link: () => Promise.resolve({} as SshLink),
    supervisor: { runs: () => Promise.resolve(there) },
  } as unknown as OpenWorker['stack'];
  const place = { address: { host: 'h', port: 22, user: 'u' }, dataDirectory: '/data' };
  using deadline = Deadline.after(1000, createManualClock(0));
  await refuseOthersOn({ paths } as Session, { name: 'w0', stack } as OpenWorker, place, what, deadline);
}

const of = (run: string, watched: boolean): RunThere => ({ run, attempts: 1, watched });

it("a run of this home is in nobody's way", async () => {
  await ask([of('mine', true), of('mine', false)], 'kept');
});

it('a run of another home that is at work refuses, whatever is asked for', async () => {
  for (const what of ['at work', 'kept'] as const)
    await expect(ask([of('left', false), of('hers', true)], what)).rejects.toMatchObject({
      code: 'OWN_RUN_OF_OTHERS',
      params: { worker: 'w0', run: 'hers', state: 'is at work for' },
    });
});

it('what another home has left there refuses only what would delete it', async () => {
  await ask([of('left', false)], 'at work');
  await expect(ask([of('left', false)], 'kept')).rejects.toMatchObject({
    params: { run: 'left', state: 'holds results of' },
  });
});
