import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PreflightReport } from '../../src/preflight/report.js';
import { createCliHome, documentOf, filesBelow, wideLines, type CliHome, type CliResult } from '../helpers/cli.js';

const schema = JSON.parse(
  readFileSync(new URL('../../docs/schemas/preflight.schema.json', import.meta.url), 'utf8'),
) as object;
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

let cli: CliHome;
beforeAll(async () => {
  cli = createCliHome();
  await cli.run(['lab', 'start', '--scale', '600']);
});
afterAll(() => cli.dispose());

const file = (name: string, text: string): string => {
  writeFileSync(join(cli.cwd, name), text);
  return name;
};
/** What `preflight` says about one check, mark included: its line, and those below that belong to it. */
const about = ({ stdout }: CliResult, id: string): string => {
  const lines = stdout.split('\n');
  const first = lines.findIndex((line) => line.slice(3).startsWith(`${id} `));
  const length = lines.slice(first + 1).findIndex((line) => !line.startsWith('      '));
  return lines
    .slice(first, first + 1 + length)
    .join(' ')
    .replaceAll(/\s+/g, ' ');
};

describe('preflight', () => {
  it('exits 0 when all is well, leaves nothing behind but prices and fits 80 columns', async () => {
    const files = (): unknown => Object.keys(filesBelow(cli.home)).filter((path) => !path.includes('/cache/'));
    const before = files();
    const result = await cli.run(['--lab', 'preflight']);
    expect(result.exitCode).toBe(0);
    expect(wideLines(result)).toEqual([]);
    expect(files()).toEqual(before);
  });

  it.each([
    {
      what: 'a bad task file',
      argv: () => ['--tasks', file('unsafe.json', '{"notepad": ["../../etc/passwd"]}')],
      id: 'client-tasks',
      input: '../../etc/passwd" in unsafe.json',
      cause: 'cannot be the name of a task',
      fix: 'A task file looks like this',
    },
    {
      what: 'a task file that is no JSON',
      argv: () => ['--tasks', file('prose.json', 'the easy ones')],
      id: 'client-tasks',
      input: 'prose.json',
      cause: 'is not JSON',
      fix: 'python3 -m json.tool prose.json',
    },
    {
      what: 'a task file that is missing',
      argv: () => ['--tasks', 'nosuch.json'],
      id: 'client-tasks',
      input: 'nosuch.json',
      cause: 'does not exist',
      fix: 'easy_20.json',
    },
    {
      what: 'a size without nested virtualization',
      argv: () => ['--size', 'Standard_B2s'],
      id: 'azure-size',
      input: 'Standard_B2s',
      cause: 'nested virtualization',
      fix: '--size Standard_D8',
    },
    {
      what: 'a size that Azure does not know',
      argv: () => ['--size', 'D8as_v4'],
      id: 'azure-size',
      input: 'D8as_v4',
      cause: 'not known to support',
      fix: '--size Standard_D8',
    },
    {
      what: 'an exhausted quota',
      argv: () => ['--workers', '60'],
      id: 'azure-quota',
      input: "quota 'standardDDSv5Family' in eastus",
      cause: 'limit 100, used 0, 480 more needed',
      fix: 'https://learn.microsoft.com/azure/quotas/',
    },
  ])('exits 1 on $what, naming the input, the cause and the fix', async ({ argv, id, input, cause, fix }) => {
    const result = await cli.run(['--lab', 'preflight', ...argv()]);
    expect(result.exitCode).toBe(1);
    const text = about(result, id);
    expect(text).toMatch(/^ ✖ /);
    expect(text).toContain(input);
    expect(text).toContain(cause);
    expect(text).toContain(fix);
    expect(wideLines(result)).toEqual([]);
  });

  it('exits 1 on a missing key, naming the variable, the cause and the fix', async () => {
    const result = await cli.run(['--lab', 'preflight'], { env: { OPENAI_API_KEY: '' } });
    expect(result.exitCode).toBe(1);
    expect(about(result, 'client-model')).toMatch(
      /✖ client-model OPENAI_API_KEY is not set.*1\. export OPENAI_API_KEY=/,
    );
  });

  it('exits 2 with warnings only: an image that is not pinned', async () => {
    const cwd = mkdtempSync(join(cli.cwd, 'warn-'));
    writeFileSync(join(cwd, 'waa.yaml'), 'image:\n  reference: docker.io/windowsarena/waa-auto:2026.11\n');
    const result = await cli.run(['--lab', 'preflight'], { cwd });
    expect(result.exitCode).toBe(2);
    expect(about(result, 'docker-image-pinned')).toMatch(/! docker-image-pinned docker\.io.*image\.digest.*waa\.yaml/);
  });

  it('makes an ignored problem a warning', async () => {
    const result = await cli.run(['--lab', 'preflight', '--workers', '60', '--ignore', 'azure-quota']);
    expect(result.exitCode).toBe(2);
  });

  it.each([
    ['all is well', [], 0],
    ['a check is critical', ['--workers', '60'], 1],
    ['a problem is ignored', ['--workers', '60', '--ignore', 'azure-quota'], 2],
  ] as const)('--json is one document that the published schema accepts when %s', async (_what, argv, exitCode) => {
    const result = await cli.run(['--lab', '--json', 'preflight', ...argv]);
    const report = documentOf(result).result as PreflightReport;
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(result.stderr).toBe('');
    expect(result.exitCode).toBe(exitCode);
    expect(report.exitCode).toBe(exitCode);
  });

  it('the published schema refuses what is no report', () => {
    expect(validate({ v: 1, outcome: 'fine' })).toBe(false);
  });
});
