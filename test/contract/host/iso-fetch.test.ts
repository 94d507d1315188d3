import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../../src/host/scripts/iso-fetch.sh', import.meta.url));
const tools = ['sh', 'curl', 'flock', 'setsid'];
const hasTools = tools.every((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0);
const MEDIA = Buffer.from('CD001 '.repeat(50_000));
const SUM = createHash('sha256').update(MEDIA).digest('hex');

/** A web server with ranges, as Microsoft's; `cutAt` hangs up in the middle of the first answer. */
let server: Server;
let asked: (string | undefined)[];
let cutAt: number | undefined;
let body: Buffer;
let data: string;
let storage: string;

beforeEach(async () => {
  asked = [];
  cutAt = undefined;
  body = MEDIA;
  server = createServer((request, response) => {
    const { range } = request.headers;
    asked.push(range);
    const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
    response.writeHead(range === undefined ? 200 : 206, {
      'content-length': body.length - from,
      'content-range': `bytes ${from}-${body.length - 1}/${body.length}`,
    });
    const cut = cutAt;
    cutAt = undefined;
    if (cut === undefined) response.end(body.subarray(from));
    else response.write(body.subarray(from, cut), () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  data = await mkdtemp(join(tmpdir(), "waa it's "));
  storage = join(data, 'storage');
  mkdirSync(storage);
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(data, { recursive: true });
});

async function call(step: string): Promise<{ state: string; doneBytes: number; detail: string }> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/media.iso`;
  const args = [SCRIPT, step, storage, 'win.iso', String(MEDIA.length), SUM, url];
  const { stdout } = await promisify(execFile)('sh', args);
  return JSON.parse(stdout) as { state: string; doneBytes: number; detail: string };
}

async function outcome(): Promise<Awaited<ReturnType<typeof call>>> {
  for (;;) {
    const now = await call('status');
    if (now.state !== 'running') return now;
  }
}

describe.runIf(hasTools)('the download of Windows ahead of dockur', () => {
  it('puts the whole file where dockur looks for it, and leaves nothing else', async () => {
    expect(await call('status')).toMatchObject({ state: 'absent', doneBytes: 0 });
    expect(['running', 'done']).toContain((await call('start')).state);
    expect(await outcome()).toMatchObject({ state: 'done' });
    expect(readFileSync(join(storage, 'win.iso')).equals(MEDIA)).toBe(true);
    expect(readdirSync(join(data, 'iso'))).toEqual(['lock']);
  });

  it('goes on where an earlier one ended', async () => {
    mkdirSync(join(data, 'iso'));
    writeFileSync(join(data, 'iso', 'win.iso.part'), MEDIA.subarray(0, 1000));
    await call('start');
    expect(await outcome()).toMatchObject({ state: 'done' });
    expect(asked).toEqual(['bytes=1000-']);
    expect(readFileSync(join(storage, 'win.iso')).equals(MEDIA)).toBe(true);
  });

  it('never gives its name to a file that is another one', async () => {
    body = Buffer.from(MEDIA).fill('x');
    await call('start');
    expect(await outcome()).toMatchObject({ state: 'failed', detail: expect.stringContaining('checksum') as string });
    expect(readdirSync(storage)).toEqual([]);
    body = MEDIA;
    await call('start');
    expect(await outcome()).toMatchObject({ state: 'done' });
  });

  it('is begun once, however often it is asked for', async () => {
    await Promise.all([call('start'), call('start'), call('start')]);
    expect(await outcome()).toMatchObject({ state: 'done' });
    await call('start');
    expect(asked).toHaveLength(1);
  });

  it('does nothing where Windows is installed', async () => {
    writeFileSync(join(storage, 'windows.boot'), '');
    expect(await call('start')).toMatchObject({ state: 'done' });
    expect([asked, existsSync(join(data, 'iso'))]).toEqual([[], false]);
  });

  it.each([
    ['a directory that is none of ours', ['start', '/tmp/elsewhere', 'win.iso']],
    ['a name that is a path', ['start', '/data/waa/storage', '../win.iso']],
    ['another step', ['erase', '/data/waa/storage', 'win.iso']],
  ])('refuses %s with 64', (_what, args) => {
    const { status, stderr } = spawnSync('sh', [SCRIPT, ...args, '1', SUM, 'http://127.0.0.1:9/'], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([64, expect.stringMatching(/^waa-error: usage: /)]);
  });
});
