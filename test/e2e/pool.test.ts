import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WorkerStatus } from '../../src/operations/worker-status.js';
import type { DeploymentRecord } from '../../src/state/deployment.js';
import { createCliHome, documentOf, failureOf, wideLines, type CliHome } from '../helpers/cli.js';
import { booksOf, listThroughArm, putForeignGroup, runAndKill } from '../helpers/kill-resume.js';

/** One pool from its creation to its end, by commands alone: each step stands on the one before, so the order is kept. */
describe('a pool', { shuffle: false }, () => {
  let cli: CliHome;
  let foreign: readonly string[];
  beforeAll(async () => {
    cli = createCliHome();
    await cli.run(['lab', 'start', '--scale', '600']);
    await putForeignGroup(cli, 'waa-precious');
    foreign = await listThroughArm(cli);
  }, 30_000);
  afterAll(() => cli.dispose());

  const waa = (...argv: string[]) => cli.run(['--lab', '--json', ...argv, '--name', 'p']);
  const home = (...path: string[]): string => join(cli.home, 'lab', 'home', ...path);
  const record = (): string => readFileSync(home('deployments', 'p', 'deployment.json'), 'utf8');
  /** What stands in Azure beside what others have. */
  const ours = async (): Promise<readonly string[]> => {
    const all = await listThroughArm(cli);
    expect(all).toEqual(expect.arrayContaining([...foreign]));
    return all.filter((row) => !foreign.includes(row));
  };
  const workersIn = (rows: readonly string[]): readonly string[] =>
    [...new Set(rows.flatMap((row) => /waa-p-(w\d+)/.exec(row)?.[1] ?? []))].sort();

  it('is neither made nor deleted under the name of what somebody else has', async () => {
    for (const command of ['pool-create', 'pool-cleanup']) {
      const refused = await cli.run(['--lab', command, '--yes', '--name', 'precious']);
      expect(refused).toMatchObject({ exitCode: 11, stdout: '' });
      expect(refused.stderr).toContain('AZURE_NOT_OURS');
      expect(wideLines(refused)).toEqual([]);
    }
    expect(await ours()).toEqual([]);
    expect(existsSync(home('deployments', 'precious'))).toBe(false);
  });

  it('whose creation was killed and whose state was lost is adopted with every worker of whom anything stands', async () => {
    const create = ['--lab', 'pool-create', '--yes', '--name', 'p', '--workers', '3'];
    const killed = await runAndKill(cli, create, { text: 'creating VM', afterMs: 50 });
    expect(killed.killed, killed.stderr).toBe(true);
    rmSync(home('deployments'), { recursive: true });
    const left = await ours();
    expect(left.length).toBeGreaterThan(3);

    expect(failureOf(await waa('pool-create', '--yes'))).toMatchObject({ code: 'OWN_DEPLOYMENT_ELSEWHERE' });
    expect(await ours()).toEqual(left);
    const { deployment } = documentOf(await cli.run(['--lab', '--json', 'adopt', 'p'])).result as {
      readonly deployment: DeploymentRecord;
    };
    expect(deployment).toMatchObject({ intent: 'creating', workers: workersIn(left) });
  });

  it('is waited for while another command brings it up', async () => {
    expect(failureOf(await waa('pool-wait', '--min-workers', '99'))).toMatchObject({ code: 'USAGE' });
    const waiting = cli.start(['--lab', '--json', 'pool-wait', '--timeout', '1200', '--name', 'p']);
    const resumed = await waa('up', '--resume', '--yes');
    expect(resumed.exitCode, resumed.stdout).toBe(0);
    const { workers } = documentOf(await waiting.done).result as { readonly workers: readonly WorkerStatus[] };
    expect(workers.map(({ ready }) => ready)).toEqual(workers.map(() => true));
    expect(workersIn(await ours())).toEqual(workers.map(({ worker }) => worker));
    const { operations } = await booksOf(cli);
    const again = operations.filter(({ kind, count }) => kind === 'create' && count > 1);
    expect(again).toEqual([]);
  });

  it('shows the desktop of a worker in the browser until Ctrl-C', async () => {
    const viewer = cli.start(['--lab', 'pool-vnc', '--name', 'p', '--worker', 'w0']);
    await viewer.saw('Open until Ctrl-C.');
    const url = await viewer.saw(/http:\S+/);
    const page = await fetch(url);
    expect(await page.text()).toContain('noVNC');
    viewer.kill('SIGINT');
    await viewer.done;
    await expect(fetch(url)).rejects.toThrow();
  });

  it('is neither paused nor deleted while results are not home', async () => {
    const before = { record: record(), rows: await ours() };
    mkdirSync(home('runs', 'r'), { recursive: true });
    const head = { runId: 'r', createdAt: '2026-01-01T00:00:00Z', deployment: 'p', tasks: ['notepad/a'] };
    const rest = { agent: 'navi', provider: 'openai', model: 'gpt-4o', maxSteps: 15, taskTimeoutS: 600 };
    writeFileSync(home('runs', 'r', 'run.json'), JSON.stringify({ schemaVersion: 1, data: { ...head, ...rest } }));
    const started = { type: 'started', at: 1, task: 'notepad/a', attempt: 1, worker: 'w0' };
    writeFileSync(home('runs', 'r', 'queue.jsonl'), `${JSON.stringify(started)}\n`);
    for (const command of [['pool-cleanup', '--yes'], ['pool-pause']]) {
      expect(failureOf(await waa(...command))).toMatchObject({ code: 'OWN_RESULTS_NOT_HOME', exitCode: 101 });
    }
    expect({ record: record(), rows: await ours() }).toEqual(before);
    rmSync(home('runs', 'r'), { recursive: true });
  });

  it('that is paused is not paused again, and nothing changes', async () => {
    expect((await waa('pool-pause')).exitCode).toBe(0);
    const before = record();
    const refused = await cli.run(['--lab', 'pool-pause', '--name', 'p']);
    expect(refused.exitCode).toBe(101);
    expect(refused.stderr).toContain('p is paused already; nothing was changed');
    expect(refused.stderr).toContain('waa --lab pool-resume --name p');
    expect(wideLines(refused)).toEqual([]);
    expect(record()).toBe(before);
  });

  it('is deleted to the last resource, which its listing proves', async () => {
    const gone = await waa('pool-cleanup', '--yes');
    expect(documentOf(gone).result).toMatchObject({ deployment: 'p', groupsLeft: [] });
    expect(await ours()).toEqual([]);
    expect((await booksOf(cli)).billed.filter(({ running }) => running)).toEqual([]);
  });
});
