import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { stateHome, statePaths } from '../../../src/state/paths.js';
import { readState, writeState, type StateKind } from '../../../src/state/store.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'waa-state-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const kind: StateKind<{ name: string }> = {
  what: 'the thing',
  version: 2,
  schema: z.strictObject({ name: z.string() }),
};

describe('state files', () => {
  it('give back what was written, for the owner only', async () => {
    const file = join(home, 'a', 'b', 'thing.json');
    await writeState(file, kind, { name: 'x' });
    expect(await readState(file, kind)).toEqual({ name: 'x' });
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(statSync(join(home, 'a', 'b')).mode & 0o077).toBe(0);
    expect(readdirSync(join(home, 'a', 'b'))).toEqual(['thing.json']);
  });

  it('are nothing when they are not there', async () => {
    expect(await readState(join(home, 'none.json'), kind)).toBeUndefined();
  });

  it.each([
    ['empty', '', 'it is empty'],
    ['cut', '{"schemaVersion":2,"da', 'it is not JSON'],
    ['without a version', '{"data":{"name":"x"}}', 'schemaVersion'],
    ['of another shape', '{"schemaVersion":2,"data":{"name":7}}', 'name'],
    ['with a key too many', '{"schemaVersion":2,"data":{"name":"x","more":1}}', 'more'],
    ['a list', '[]', 'expected object'],
  ])('that are %s are named and kept', async (_, text, problem) => {
    const file = join(home, 'thing.json');
    writeFileSync(file, text);
    const error = await readState(file, kind).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'OWN_STATE_CORRUPT',
      params: { file, problem: expect.stringContaining(problem) as string },
    });
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('of a newer version are refused, not read by guess', async () => {
    const file = join(home, 'thing.json');
    writeFileSync(file, '{"schemaVersion":3,"data":{"name":"x"}}');
    await expect(readState(file, kind)).rejects.toMatchObject({
      code: 'OWN_STATE_NEWER',
      params: { found: 3, known: 2 },
    });
  });

  it('that cannot be read say why', async () => {
    await expect(readState(home, kind)).rejects.toMatchObject({
      code: 'OWN_STATE_UNREADABLE',
      params: { problem: 'EISDIR' },
    });
  });

  it('that cannot be written say why', async () => {
    writeFileSync(join(home, 'file'), '');
    const writing = writeState(join(home, 'file', 'thing.json'), kind, { name: 'x' });
    await expect(writing).rejects.toMatchObject({ code: 'OWN_STATE_UNWRITABLE', params: { what: 'the thing' } });
  });

  it('are replaced as a whole: a failed write leaves the old one', async () => {
    const file = join(home, 'thing.json');
    await writeState(file, kind, { name: 'old' });
    mkdirSync(join(home, 'other'));
    chmodSync(join(home, 'other'), 0o700);
    await expect(writeState(file, kind, { name: 1n as unknown as string })).rejects.toThrow();
    expect(await readState(file, kind)).toEqual({ name: 'old' });
  });
});

describe('statePaths', () => {
  it('keeps everything of a deployment and of a run together', () => {
    const paths = statePaths(join(sep, 'h'));
    const { lock, lockHolder, ...files } = paths.deployment('mine');
    expect(
      Object.values(files)
        .slice(1)
        .map((file) => file.slice(files.directory.length + 1)),
    ).toEqual(['deployment.json', 'checkpoint.json', 'journal.jsonl', 'known_hosts', 'used']);
    expect([lock, lockHolder].every((file) => file.startsWith(files.directory))).toBe(true);
    expect(paths.run('2026-01-01').record).toBe(join(sep, 'h', 'runs', '2026-01-01', 'run.json'));
  });

  it.each(['', '.', '..', '../x', 'a/b', 'a\\b', 'a:b', '-x', 'con', 'NUL.txt', 'a.', 'x'.repeat(81), 'a\nb'])(
    'refuses %j as a name',
    (name) => {
      expect(() => statePaths(home).deployment(name)).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
      expect(() => statePaths(home).run(name)).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
    },
  );

  it('creates nothing', () => {
    statePaths(join(home, 'new')).deployment('a');
    expect(existsSync(join(home, 'new'))).toBe(false);
  });

  it.each([
    [{}, join(sep, 'u', '.waa')],
    [{ WAA_HOME: '' }, join(sep, 'u', '.waa')],
    [{ WAA_HOME: join(sep, 'x') }, join(sep, 'x')],
    [{ WAA_HOME: 'rel' }, join(sep, 'w', 'rel')],
  ])('finds the home from %j', (env, expected) => {
    expect(stateHome(env, join(sep, 'u'), join(sep, 'w'))).toBe(expected);
  });
});
