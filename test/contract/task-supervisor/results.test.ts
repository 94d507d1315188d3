import { createHash } from 'node:crypto';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bringHome, type Home } from '../../../src/benchmark/results.js';
import type { SshLink } from '../../../src/clients/ssh/ssh.js';
import { createManualClock } from '../../../src/clock/manual-clock.js';
import { Deadline } from '../../../src/health/deadline.js';
import { createTaskSupervisor, type ManifestEntry, type TaskSupervisor } from '../../../src/host/task-supervisor.js';

interface Entry extends Partial<Header> {
  readonly name: string;
  readonly content?: string;
}

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'waa-home-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const manifestOf = (entries: readonly Entry[]): ManifestEntry[] =>
  entries.map(({ name, content = '' }) => ({
    path: name,
    sizeBytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  }));

/** Brings an archive home that holds `entries`, under a manifest that names `manifest`. */
function bring(
  entries: readonly Entry[],
  manifest: readonly ManifestEntry[] = manifestOf(entries),
  exitCode = 0,
): Promise<Home> {
  const archive = pack();
  for (const { content = '', ...header } of entries) {
    if (header.type === undefined) archive.entry(header, content);
    else archive.entry(header);
  }
  archive.finalize();
  const supervisor = {
    manifest: () => Promise.resolve(manifest),
    download: () =>
      Promise.resolve({
        stdout: Readable.from(archive).pipe(createGzip()),
        exit: Promise.resolve(exitCode),
        stderrTail: () => '',
        abort: () => undefined,
      }),
  } as unknown as TaskSupervisor;
  const deadline = Deadline.none(createManualClock());
  const attempt = { dataDirectory: '/data', run: 'r', attempt: 'a' };
  return bringHome(supervisor, {} as SshLink, attempt, join(root, 'attempts', 'a'), deadline);
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

describe('results on their way home', () => {
  it('arrive whole', async () => {
    expect(
      await bring([
        { name: 'results/x/result.txt', content: '1.0\n' },
        { name: 'run.log', content: 'log' },
      ]),
    ).toEqual({ files: 2, bytes: 7 });
    expect(await readFile(join(root, 'attempts/a/results/x/result.txt'), 'utf8')).toBe('1.0\n');
  });

  it.each<[string, Entry]>([
    ['above its folder', { name: '../../outside.txt', content: 'x' }],
    ['at an absolute path', { name: '/tmp/waa-outside.txt', content: 'x' }],
    ['as a link', { name: 'link', type: 'symlink', linkname: '/etc/passwd' }],
    ['as a hard link', { name: 'link', type: 'link', linkname: '/etc/passwd' }],
    ['as a device', { name: 'device', type: 'character-device' }],
  ])('are refused when an entry stands %s', async (_where, entry) => {
    await expect(
      bring([{ name: 'run.log', content: 'log' }, entry], manifestOf([{ name: 'run.log', content: 'log' }])),
    ).rejects.toMatchObject({
      code: 'CLIENT_RESULTS_UNSAFE',
    });
    expect(await isThere(join(root, 'outside.txt'))).toBe(false);
    expect(await isThere('/tmp/waa-outside.txt')).toBe(false);
    expect(await isThere(join(root, 'attempts/a'))).toBe(false);
  });

  it.each<[string, ManifestEntry[]]>([
    [
      'a file is missing',
      manifestOf([
        { name: 'run.log', content: 'log' },
        { name: 'more', content: '' },
      ]),
    ],
    ['a file has another size', manifestOf([{ name: 'run.log', content: 'longer' }])],
    ['a file has other bytes', manifestOf([{ name: 'run.log', content: 'gol' }])],
  ])('are refused when %s', async (_what, manifest) => {
    await expect(bring([{ name: 'run.log', content: 'log' }], manifest)).rejects.toMatchObject({
      code: 'CLIENT_RESULTS_CORRUPT',
    });
    expect(await isThere(join(root, 'attempts/a'))).toBe(false);
  });

  it('are refused when the worker says that it failed', async () => {
    await expect(bring([{ name: 'run.log', content: 'log' }], undefined, 2)).rejects.toMatchObject({
      code: 'CLIENT_RESULTS_CORRUPT',
    });
  });

  it('are refused when they are more files than any attempt has', async () => {
    const stdout = `${'0'.repeat(64)} 0 x\n`.repeat(130_000);
    const run = () => Promise.resolve({ exitCode: 0, stdout, stderr: '' });
    const supervisor = createTaskSupervisor({ run, stream: () => Promise.reject(new Error('not used here')) });
    const attempt = { dataDirectory: '/data', run: 'r', attempt: 'a' };
    await expect(supervisor.manifest({} as SshLink, attempt, Deadline.none(createManualClock()))).rejects.toMatchObject(
      { code: 'CLIENT_RESULTS_UNSAFE' },
    );
  });

  it('are refused when they are larger than any attempt', async () => {
    const [entry] = manifestOf([{ name: 'run.log', content: 'log' }]);
    if (!entry) throw new Error('no entry');
    await expect(bring([], [{ ...entry, sizeBytes: 3 * 1024 ** 3 }])).rejects.toMatchObject({
      code: 'CLIENT_RESULTS_UNSAFE',
    });
  });
});
