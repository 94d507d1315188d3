import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultIds } from '../../src/lab/faults/faults.js';
import type { LabSummary } from '../../src/lab/lab-summary.js';
import { createCliHome, documentOf, filesBelow, wideLines, type CliHome, type CliResult } from '../helpers/cli.js';

const SECRET = 'sk-e2e-secret-0123456789abcdef';
const TASK = '366de66e-cbae-4d72-b042-26390db2b145-WOS';
/** As long as a name may be. */
const NAME = 'twenty-four-letter-names';

/** One lab, one `up`, one task; the tests only look, or repeat what must change nothing. */
let cli: CliHome;
let up: CliResult;
let run: CliResult;
const waa = (...argv: string[]): Promise<CliResult> => cli.run(['--lab', ...argv], { env: { OPENAI_API_KEY: SECRET } });

beforeAll(async () => {
  cli = createCliHome();
  writeFileSync(join(cli.cwd, 'one.json'), JSON.stringify({ notepad: [TASK] }));
  up = await waa('up', '--name', NAME);
  run = await waa('run', '--tasks', 'one.json');
}, 120_000);
afterAll(() => cli.dispose());

async function labSummary(): Promise<LabSummary> {
  return documentOf(await waa('lab', 'status', '--json')).result as LabSummary;
}

describe('up', () => {
  it('ends ready, exit 0, within 80 columns', () => {
    expect(up.exitCode, up.stderr).toBe(0);
    expect(up.stdout).toContain('1 worker is ready');
    expect(wideLines(up)).toEqual([]);
  });

  it('a second time changes nothing: one VM, one container, nothing created or started', async () => {
    const before = await labSummary();
    const again = await waa('up', '--json');
    expect(again.exitCode, again.stderr).toBe(0);
    const journal = again.stderr;
    expect(journal).not.toMatch(/creating|starting|create vm|recovering/);
    const { groups, containers } = await labSummary();
    expect(groups).toEqual(before.groups);
    const machines = groups.flatMap(({ resources }) =>
      resources.filter(({ type }) => type.endsWith('/virtualMachines')),
    );
    expect(machines).toHaveLength(1);
    expect(containers).toEqual(before.containers);
    expect(containers).toHaveLength(1);
  });
});

describe('status', () => {
  it('watches until Ctrl-C, with the cost, and that is no failure', async () => {
    const watching = cli.start(['--lab', 'status', '--watch']);
    await watching.saw(/Cost so far .*\n/);
    watching.kill('SIGINT');
    const { exitCode, stderr } = await watching.done;
    expect(exitCode).toBe(130);
    expect(stderr).not.toContain('Why');
  });

  it('exits 0 when all layers are ready, within 80 columns', async () => {
    const result = await waa('status');
    expect(result.exitCode, result.stdout).toBe(0);
    expect(result.stdout.match(/✔/g)).toHaveLength(7);
    expect(wideLines(result)).toEqual([]);
  });

  it('--json is one document', async () => {
    const result = await waa('status', '--json');
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(documentOf(result)).toMatchObject({
      v: 1,
      command: 'status',
      ok: true,
      result: { workers: [{ worker: 'w0', ready: true }] },
    });
  });
});

describe('results', () => {
  it('of the run are complete, and fit 80 columns', async () => {
    expect(run.exitCode, run.stderr).toBe(0);
    const result = await waa('results');
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toContain('success over valid tasks');
    expect([...wideLines(run), ...wideLines(result)]).toEqual([]);
  });

  it('--json is one document with the task and where its files are', async () => {
    const result = await waa('results', '--json');
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    const summary = documentOf(result).result as { directory: string; tasks: unknown[] };
    expect(summary.tasks).toEqual([expect.objectContaining({ domain: 'notepad', state: 'scored', attempts: 1 })]);
    expect(Object.keys(filesBelow(summary.directory)).some((path) => path.endsWith('result.txt'))).toBe(true);
  });
});

describe('logs', () => {
  it.each([
    ['container', /windows|BdsDxe|QEMU/i],
    ['host', /Mem:/],
    ['journal', /"operation\.finished"/],
  ] as const)('%s, as text and as JSON', async (source, pattern) => {
    const text = await waa('logs', source);
    expect(text).toMatchObject({ exitCode: 0, stderr: '' });
    expect(text.stdout).toMatch(pattern);
    const json = await waa('logs', source, '--json');
    expect(json).toMatchObject({ exitCode: 0, stderr: '' });
    expect(Object.values(documentOf(json).result as Record<string, string>).join('\n')).toMatch(pattern);
  });

  it.each(['container', 'journal'])('%s --tail counts lines that say something', async (source) => {
    const text = await waa('logs', source, '--tail', '2');
    expect(text.stdout.split('\n')).toEqual([expect.stringMatching(/./), expect.stringMatching(/./), '']);
    const result = Object.values(documentOf(await waa('logs', source, '--tail', '2', '--json')).result as object);
    expect(result.map((log: string) => log.split('\n').length)).toEqual([2]);
  });
});

describe('exec', () => {
  it('hands on output and exit code', async () => {
    expect(await waa('exec', '--', 'echo', 'a', 'b')).toMatchObject({ exitCode: 0, stdout: 'a b\n', stderr: '' });
    expect((await waa('exec', '--', 'true')).exitCode).toBe(0);
    expect((await waa('exec', '--', 'cat', '/nosuch')).exitCode).toBe(1);
    expect((await waa('exec', '--', 'nosuch')).exitCode).toBe(127);
  });

  it('--json is one document', async () => {
    const result = await waa('exec', '--json', '--', 'echo', 'a');
    expect(documentOf(result).result).toEqual({ exitCode: 0, stdout: 'a\n', stderr: '' });
  });
});

const client = spawnSync('ssh', ['-V']);

describe('ssh', () => {
  it('--print --json is the argv', async () => {
    const { argv } = documentOf(await waa('ssh', '--print', '--json')).result as { argv: string[] };
    expect(argv[0]).toBe('ssh');
    expect(argv).toContain('StrictHostKeyChecking=yes');
    expect(argv.join(' ')).not.toContain(SECRET);
  });

  // Without OpenSSH's client there is nothing that could run what is printed.
  it.skipIf(client.error !== undefined)('--print prints what the system’s ssh connects with', async () => {
    const { stdout } = await waa('ssh', '--print');
    // Without WAA_HOME, and from elsewhere: the line alone must do.
    const env = { PATH: process.env['PATH'] ?? '', HOME: cli.cwd };
    const line = `${stdout.trim()} uname -a`;
    expect(execFileSync('sh', ['-c', line], { env, cwd: '/', encoding: 'utf8', stdio: 'pipe' })).toMatch(/^Linux waa-/);
  });
});

describe('lab', () => {
  it('status shows what exists, within 80 columns', async () => {
    const result = await waa('lab', 'status');
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain('virtualMachines');
    expect(wideLines(result)).toEqual([]);
  });

  it('start finds the one that runs', async () => {
    const { pid } = JSON.parse(readFileSync(join(cli.home, 'lab', 'lab.json'), 'utf8')) as { pid: number };
    expect((await waa('lab', 'start')).stdout).toContain(`process ${pid}`);
    expect(documentOf(await waa('lab', 'start', '--json')).result).toMatchObject({ pid, scale: 600 });
  });

  it('env is what a shell can evaluate, and JSON', async () => {
    const text = await waa('lab', 'env');
    expect(text.exitCode).toBe(0);
    const seen = execFileSync('sh', ['-c', `${text.stdout}\nprintf %s "$REQUESTS_CA_BUNDLE"`], { encoding: 'utf8' });
    expect(readFileSync(seen, 'utf8')).toContain('BEGIN CERTIFICATE');
    expect(documentOf(await waa('lab', 'env', '--json')).result).toMatchObject({
      variables: { REQUESTS_CA_BUNDLE: seen },
    });
  });

  it('faults lists every fault whole, within 80 columns', async () => {
    const result = await waa('lab', 'faults');
    for (const id of faultIds) expect(result.stdout).toContain(`${id}  `);
    expect(result.stdout).not.toContain('…');
    expect(wideLines(result)).toEqual([]);
    expect(documentOf(await waa('lab', 'faults', '--json')).result).toHaveLength(faultIds.length);
  });

  it('faults arms one and disarms all', async () => {
    // Nothing in this file makes a VM any more, so this one never strikes.
    const armed = await waa('lab', 'faults', 'azure-sku-unavailable', '--skip', '1000', '--json');
    expect(documentOf(armed).ok).toBe(true);
    expect((await labSummary()).armedFaults).toContain('azure-sku-unavailable');
    await waa('lab', 'faults', '--clear');
    expect((await labSummary()).armedFaults).toEqual([]);
  });
});

describe('the key', () => {
  it('is in no file of the state home and in no output', async () => {
    const outputs = [
      up,
      run,
      await waa('config', 'show', '--origin', '--json'),
      await waa('--debug', 'status'),
      await waa('--debug', 'run', '--tasks', 'nosuch.json'),
      await waa('logs', 'container', '--tail', '1000'),
      await waa('logs', 'host'),
      await waa('preflight', '--json'),
    ];
    const forms = [SECRET, SECRET.slice(3), Buffer.from(SECRET).toString('base64'), encodeURIComponent(SECRET)];
    for (const form of forms) {
      for (const { stdout, stderr } of outputs) expect(stdout + stderr).not.toContain(form);
    }
    // The logs too, which filesBelow leaves out.
    const found = spawnSync('grep', ['-rlF', ...forms.flatMap((form) => ['-e', form]), cli.home], { encoding: 'utf8' });
    expect(found).toMatchObject({ status: 1, stdout: '' });
  });
});
