import { describe, expect, it } from 'vitest';
import { parseTaskFile } from '../../../src/benchmark/task-file.js';
import { shippedTaskFiles, shippedTaskIndex, taskName } from '../../../src/benchmark/task-index.js';
import type { WaaError } from '../../../src/failures/waa-error.js';

const index = shippedTaskIndex();
const refusal = (text: string): WaaError => {
  try {
    parseTaskFile(text, 'tasks.json', index);
  } catch (error) {
    return error as WaaError;
  }
  throw new Error('was accepted');
};

describe('the shipped tasks', () => {
  it('are the 154 of WAA, 13 of them infeasible', () => {
    expect(index.tasks).toHaveLength(154);
    expect(index.tasks.filter((task) => !task.feasible)).toHaveLength(13);
    expect(index.domains).toHaveLength(12);
  });

  it('easy_20 has 20 feasible tasks over at least six domains that need neither internet nor remote debugging', () => {
    const easy = parseTaskFile(JSON.stringify(shippedTaskFiles['easy_20.json']), 'easy_20.json', index);
    expect(easy).toHaveLength(20);
    expect(new Set(easy.map((task) => task.domain)).size).toBeGreaterThanOrEqual(6);
    expect(easy.filter((task) => !task.feasible || task.url || task.cdp)).toEqual([]);
  });
});

describe('a task file', () => {
  const [first, second] = index.tasks.filter((task) => task.domain === 'clock').map((task) => task.id);

  it('gives the tasks it names, letter case of an id forgiven; a double is taken once and told', () => {
    const id = '46adf721-2949-4426-b069-010b7c128d8f';
    const told: string[] = [];
    const text = JSON.stringify({ settings: [`${id}-WOS`, `${id}-wos`], clock: [first] });
    const tasks = parseTaskFile(text, 'tasks.json', index, (note) => told.push(note));
    expect(tasks.map(taskName)).toEqual([`settings/${id}-wos`, `clock/${first}`]);
    expect(told).toEqual([`tasks.json: 1 task stands there more than once, taken once: settings/${id}-wos`]);
  });

  it('whose domain stands twice loses neither list', () => {
    const text = `{\n\t"clock": ["${first}"],\n\t"clock": ["${second}", "${first}"]\n}`;
    const told: string[] = [];
    const tasks = parseTaskFile(text, 'tasks.json', index, (note) => told.push(note));
    expect(tasks.map((task) => task.id)).toEqual([first, second]);
    expect(told).toHaveLength(1);
  });

  it('without a double is nothing to talk about', () => {
    const told: string[] = [];
    parseTaskFile(JSON.stringify({ clock: [first, second] }), 'tasks.json', index, (note) => told.push(note));
    expect(told).toEqual([]);
  });

  it.each([
    ['', 'CLIENT_TASK_FILE_EMPTY'],
    ['  \n', 'CLIENT_TASK_FILE_EMPTY'],
    ['{}', 'CLIENT_TASK_FILE_EMPTY'],
    ['{"notepad": []}', 'CLIENT_TASK_FILE_EMPTY'],
    ['{"notepad": [', 'CLIENT_TASK_FILE_NOT_JSON'],
    ['["notepad"]', 'CLIENT_TASK_FILE_SHAPE'],
    ['null', 'CLIENT_TASK_FILE_SHAPE'],
    ['{"notepad": "366de66e"}', 'CLIENT_TASK_FILE_SHAPE'],
    ['{"notepad": [1]}', 'CLIENT_TASK_FILE_SHAPE'],
    ['{"clock": 1, "clock": []}', 'CLIENT_TASK_FILE_SHAPE'],
    ['{"notepad; rm -rf /": ["x"]}', 'CLIENT_TASK_NAME_UNSAFE'],
    ['{"../etc": ["x"]}', 'CLIENT_TASK_NAME_UNSAFE'],
    ['{"notepad": ["../../etc/passwd"]}', 'CLIENT_TASK_NAME_UNSAFE'],
    ['{"notepad": ["$(reboot)"]}', 'CLIENT_TASK_NAME_UNSAFE'],
    ['{"notepad": [""]}', 'CLIENT_TASK_NAME_UNSAFE'],
    ['{"constructor": ["x"]}', 'CLIENT_TASK_DOMAIN_UNKNOWN'],
  ])('%j is refused as %s', (text, code) => {
    expect(refusal(text).code).toBe(code);
  });

  it('names the nearest domain and the nearest task for a typo', () => {
    expect(refusal('{"notpad": ["x"]}').params).toMatchObject({
      domain: 'notpad',
      nearest: 'notepad',
      source: 'tasks.json',
    });
    const typo = '366de66e-cbae-4d72-b042-26390db2b146-WOS';
    expect(refusal(JSON.stringify({ notepad: [typo] })).params['nearest']).toBe(
      '366de66e-cbae-4d72-b042-26390db2b145-WOS',
    );
  });

  it('says where a task is when it stands under the wrong domain', () => {
    const failure = refusal('{"chrome": ["366de66e-cbae-4d72-b042-26390db2b145-WOS"]}');
    expect(failure.code).toBe('CLIENT_TASK_UNKNOWN');
    expect(failure.params['nearest']).toBe('notepad/366de66e-cbae-4d72-b042-26390db2b145-WOS');
  });
});
