import { describe, expect, it } from 'vitest';
import { selectTasks, stratified } from '../../../src/benchmark/select-tasks.js';
import { shippedTaskIndex, taskName } from '../../../src/benchmark/task-index.js';
import { needsOf } from '../../../src/benchmark/task-needs.js';

const index = shippedTaskIndex();
const noFiles = (): Promise<undefined> => Promise.resolve(undefined);
const select = (...sources: string[]): Promise<readonly string[]> =>
  selectTasks({ sources }, index, noFiles).then((tasks) => tasks.map(taskName));
const notepad = '366de66e-cbae-4d72-b042-26390db2b145-WOS';

describe('what a user may ask for', () => {
  it.each([
    ['@all', 154],
    ['@feasible', 141],
    ['@easy', 20],
    ['easy_20.json', 20],
    ['clock', 4],
    [`notepad/${notepad}`, 1],
    [notepad, 1],
    ['366de66e', 1],
  ])('%s gives %i tasks', async (source, count) => {
    expect(await select(source)).toHaveLength(count);
  });

  it('@offline leaves out what needs the internet', async () => {
    const tasks = await selectTasks({ sources: ['@offline'] }, index, noFiles);
    expect(needsOf(tasks).internet).toBe(false);
    expect(tasks.length).toBeGreaterThan(40);
  });

  it('several sources give each task once', async () => {
    expect(await select('clock', 'clock', '@easy')).toHaveLength(21);
  });

  it.each([
    ['missing.json', 'CLIENT_TASK_FILE_NOT_FOUND'],
    ['@esay', 'CLIENT_TASK_UNKNOWN'],
    ['clokc', 'CLIENT_TASK_UNKNOWN'],
    ['clokc/x', 'CLIENT_TASK_DOMAIN_UNKNOWN'],
    ['28b91a24', 'CLIENT_TASK_AMBIGUOUS'],
    ['$(reboot)', 'CLIENT_TASK_NAME_UNSAFE'],
    ['../../etc', 'CLIENT_TASK_NAME_UNSAFE'],
    ['', 'CLIENT_TASK_NAME_UNSAFE'],
  ])('%j is refused as %s', async (source, code) => {
    await expect(select(source)).rejects.toMatchObject({ code });
  });

  it('nothing asked for is refused', async () => {
    await expect(select()).rejects.toMatchObject({ code: 'CLIENT_TASK_FILE_EMPTY' });
  });
});

describe('a sample', () => {
  it('takes from every domain before it takes a second of any', () => {
    const sample = stratified(index.tasks, 12, 1);
    expect(new Set(sample.map((task) => task.domain)).size).toBe(12);
  });

  it('of more than there is gives all', () => {
    expect(stratified(index.tasks, 1000, 1)).toHaveLength(154);
  });

  it('is the same for the same seed and another for another', () => {
    const names = (seed: number): readonly string[] => stratified(index.tasks, 30, seed).map(taskName);
    expect(names(7)).toEqual(names(7));
    expect(names(7)).not.toEqual(names(8));
  });
});

describe('a selection', () => {
  it('keeps only the domains asked for', async () => {
    const tasks = await selectTasks({ sources: ['@all'], domains: ['clock', 'vlc'] }, index, noFiles);
    expect(new Set(tasks.map((task) => task.domain))).toEqual(new Set(['clock', 'vlc']));
    await expect(selectTasks({ sources: ['@all'], domains: ['clokc'] }, index, noFiles)).rejects.toMatchObject({
      code: 'CLIENT_TASK_DOMAIN_UNKNOWN',
    });
  });

  it('repeats every task under names that a resume understands', async () => {
    const tasks = await selectTasks({ sources: ['notepad'], repeat: 3 }, index, noFiles);
    const names = tasks.map(taskName);
    expect(new Set(names).size).toBe(6);
    expect(names.slice(2).every((name) => /#[23]$/.test(name))).toBe(true);
    expect(await select(...names)).toEqual(names);
  });

  it('repeats what was named as a repetition, each once', async () => {
    const [name = ''] = await select('notepad');
    const names = async (...sources: string[]) =>
      (await selectTasks({ sources, repeat: 2 }, index, noFiles)).map(taskName);
    expect(await names(name, `${name}#2`)).toEqual([name, `${name}#2`]);
    expect(await names(`${name}#3`)).toEqual([name, `${name}#2`, `${name}#3`]);
    await expect(names(`${name}#0`)).rejects.toMatchObject({ code: 'CLIENT_TASK_NAME_UNSAFE' });
  });
});
