import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { experimentOf } from '../../../src/benchmark/experiment.js';
import { openRunStore } from '../../../src/benchmark/run-store.js';
import { shippedTaskIndex, taskName } from '../../../src/benchmark/task-index.js';
import { goOnOf, resumable, resumed } from '../../../src/commands/resume-run.js';
import { commandTable } from '../../../src/commands/table.js';
import { resolveConfig } from '../../../src/config/load.js';
import { configSchema } from '../../../src/config/schema.js';
import { settingsOfRun, unfinishedRun } from '../../../src/operations/resumed-run.js';
import { statePaths } from '../../../src/state/paths.js';
import { callOf } from '../../helpers/lab-session.js';
import { attempt, fixtureHead } from '../../helpers/run-fixture.js';

const noNote = (note: string): never => {
  throw new Error(note);
};
const stop = new AbortController();
const plain = callOf('/nowhere', {}, stop.signal);
const run = { ...plain, spec: commandTable.find(({ name }) => name === 'run') ?? plain.spec };
const call = { ...run, options: { domain: ['clock'], maxSteps: '7', agentDir: './my agent', maxCost: '3' } };

describe('a run that was begun with settings of its own', () => {
  it('goes on with a command that need not repeat what stands in its record', () => {
    expect(goOnOf(call, 'r1')).toBe("waa run --resume r1 --agent-dir './my agent' --max-cost 3");
    expect(goOnOf(call, 'r1', 6)).toBe("waa run --resume r1 --agent-dir './my agent' --max-cost 6");
  });

  it('is named to whoever stopped it, once there is something to continue', async () => {
    const home = await mkdtemp(join(tmpdir(), 'waa-resume-'));
    const paths = statePaths(home);
    stop.abort(new Error('SIGINT'));
    const stopped = () => resumable(call, paths, 'r1', () => Promise.reject(stop.signal.reason as Error));
    await expect(stopped()).rejects.toBe(stop.signal.reason);
    await (await openRunStore(paths.run('r1').directory, fixtureHead)).close();
    await expect(stopped()).rejects.toMatchObject({ code: 'CANCELLED', params: { resume: goOnOf(call, 'r1') } });
    await rm(home, { recursive: true });
  });

  it('is gone on with by the same command line, as long as it is not finished', async () => {
    const home = await mkdtemp(join(tmpdir(), 'waa-resume-'));
    const paths = statePaths(home);
    const tasks = shippedTaskIndex().tasks.slice(0, 2);
    const choice = { deployment: 'test', tasks, config: configSchema.parse({}) };
    const begin = async (runId: string, done: readonly string[]): Promise<void> => {
      const head = { ...fixtureHead, ...experimentOf(choice), runId };
      const store = await openRunStore(paths.run(runId).directory, head);
      for (const name of done)
        for (const line of attempt(name, 'w0', 0, 5, { state: 'scored', score: 1 })) store.append(line);
      await store.close();
    };
    const [first = '', second = ''] = tasks.map(taskName);
    await begin('r1', [first, second]);
    expect(await unfinishedRun(paths, choice, noNote)).toBeUndefined();
    await begin('r2', [first]);
    expect(await unfinishedRun(paths, choice, noNote)).toMatchObject({ runId: 'r2', waiting: 1 });
    const another = { ...choice, config: configSchema.parse({ model: { name: 'gpt-5' } }) };
    for (const other of [another, { ...choice, tasks: tasks.slice(1) }, { ...choice, deployment: 'other' }])
      expect(await unfinishedRun(paths, other, noNote)).toBeUndefined();
    await rm(home, { recursive: true });
  });

  it('is found whatever is damaged beside it, which is told; a damaged one is an error only when it is asked for', async () => {
    const home = await mkdtemp(join(tmpdir(), 'waa-resume-'));
    const paths = statePaths(home);
    const choice = { deployment: 'test', tasks: shippedTaskIndex().tasks.slice(0, 1), config: configSchema.parse({}) };
    const head = { ...fixtureHead, ...experimentOf(choice) };
    for (const runId of ['r1', 'r2', 'r3'])
      await (await openRunStore(paths.run(runId).directory, { ...head, runId })).close();
    await writeFile(paths.run('r2').queue, '\n{"type":"finished"}\n');
    await writeFile(paths.run('r3').record, '');
    // What a file manager leaves behind is no run.
    await writeFile(join(paths.runs, '.DS_Store'), 'x');
    await mkdir(join(paths.runs, 'old runs'));

    const notes: string[] = [];
    const tell = (note: string): void => {
      notes.push(note);
    };
    expect(await unfinishedRun(paths, choice, tell)).toMatchObject({ runId: 'r1' });
    expect(notes).toEqual([
      expect.stringMatching(/^a run is passed over: .*r3.run\.json cannot be understood: it is empty\. .*mv "/),
      expect.stringMatching(/^a run is passed over: .*r2.queue\.jsonl cannot be read: line 2: .*Delete that line/s),
    ]);
    const latest = await resumed({ ...call, options: { resume: true } }, paths);
    expect(latest).toMatchObject({ run: { id: 'r1' }, notes });
    const resume = (id: string) => resumed({ ...call, options: { resume: id } }, paths);
    expect(await resume('r1')).toMatchObject({ run: { id: 'r1' }, notes: [] });
    await expect(resume('r2')).rejects.toMatchObject({ code: 'CLIENT_RUN_CORRUPT' });
    // `waa adopt` rebuilds a deployment's record, not that of a run.
    const without = expect.stringContaining('this run is forgotten') as string;
    await expect(resume('r3')).rejects.toMatchObject({ code: 'OWN_STATE_CORRUPT', params: { without } });
    await expect(resume('r4')).rejects.toMatchObject({ code: 'OWN_RUN_UNKNOWN' });
    await rm(home, { recursive: true });
  });

  it('has them when it goes on, whatever is configured by then; only what is given now goes before', () => {
    const files = [{ path: 'waa.yaml', text: 'model:\n  name: gpt-5\nagent:\n  maxSteps: 30\n' }];
    const begun = { ...fixtureHead, maxSteps: 7, reset: 'guest' as const };
    const given = { flag: '--reset', key: 'benchmark.reset', value: 'golden' };
    const { config } = resolveConfig({ flags: [...settingsOfRun(begun), given], env: {}, files });
    expect(config).toMatchObject({ model: { name: 'gpt-4o' }, agent: { maxSteps: 7 }, benchmark: { reset: 'golden' } });
  });
});
