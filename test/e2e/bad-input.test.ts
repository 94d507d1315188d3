import { mkdirSync, writeFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCliHome, type CliHome, type CliResult } from '../helpers/cli.js';

let cli: CliHome;
beforeEach(() => {
  cli = createCliHome();
});
afterEach(async () => {
  await cli.dispose();
});

interface JsonFailure {
  readonly error: { readonly code: string; readonly exitCode: number; readonly fix: readonly string[] };
}

/** Every failure with --json: one document on stdout with code, exit code and a fix, and the process agrees. */
function failureOf(result: CliResult): JsonFailure['error'] {
  const { error } = JSON.parse(result.stdout) as JsonFailure;
  expect(result.exitCode).toBe(error.exitCode);
  expect(error.fix.length).toBeGreaterThan(0);
  return error;
}

const deploymentFile = (name: string, file: string): string => {
  const directory = join(cli.home, 'lab', 'home', 'deployments', name);
  mkdirSync(directory, { recursive: true });
  return join(directory, file);
};

describe('bad input', () => {
  it('names an unknown option and its nearest, exit 64', async () => {
    const result = await cli.run(['up', '--resum']);
    expect(result.exitCode).toBe(64);
    expect(result.stderr).toContain('--resume');
    expect(existsSync(cli.home)).toBe(false);
  });

  it('names an unknown command and its nearest, exit 64', async () => {
    const result = await cli.run(['statsu']);
    expect(result.exitCode).toBe(64);
    expect(result.stderr).toContain('status');
  });

  it('refuses an unknown configuration key with the nearest one', async () => {
    writeFileSync(join(cli.cwd, 'waa.yaml'), 'azure:\n  regoin: westus2\n');
    const error = failureOf(await cli.run(['--lab', '--json', 'preflight']));
    expect(error.code).toBe('OWN_CONFIG_UNKNOWN_KEY');
  });

  it('keeps corrupt state and names the file', async () => {
    const file = deploymentFile('default', 'deployment.json');
    writeFileSync(file, '{"schemaVersion": 1, "da');
    expect(failureOf(await cli.run(['--lab', '--json', 'status'])).code).toBe('OWN_STATE_CORRUPT');
    expect(readFileSync(file, 'utf8')).toBe('{"schemaVersion": 1, "da');
  });

  it('refuses state of a newer version and leaves it alone', async () => {
    const file = deploymentFile('default', 'deployment.json');
    writeFileSync(file, '{"schemaVersion": 99, "data": {}}');
    expect(failureOf(await cli.run(['--lab', '--json', 'up', '--resume', '--yes'])).code).toBe('OWN_STATE_NEWER');
    expect(readFileSync(file, 'utf8')).toBe('{"schemaVersion": 99, "data": {}}');
  });

  it('refuses an unknown deployment', async () => {
    expect(failureOf(await cli.run(['--lab', '--json', 'status', '--name', 'nosuch'])).code).toBe(
      'OWN_DEPLOYMENT_NOT_FOUND',
    );
    expect(failureOf(await cli.run(['--lab', '--json', 'up', '--resume', '--name', 'nosuch', '--yes'])).code).toBe(
      'OWN_DEPLOYMENT_NOT_FOUND',
    );
  });

  it.each([
    ['empty file', '', /^CLIENT_TASK_FILE_/],
    ['empty object', '{}', /^CLIENT_TASK_FILE_/],
    ['not JSON', 'notepad', /^CLIENT_TASK_FILE_/],
    ['shell metacharacters', '{"notepad": ["$(reboot)"]}', /^CLIENT_TASK_/],
    ['path traversal', '{"notepad": ["../../etc/passwd"]}', /^CLIENT_TASK_/],
    ['unknown domain', '{"notepda": ["366de66e-cbae-4d72-b042-26390db2b145-WOS"]}', /^CLIENT_TASK_/],
  ])('refuses a task file with %s before anything is started', async (_what, text, code) => {
    writeFileSync(join(cli.cwd, 'tasks.json'), text);
    expect(failureOf(await cli.run(['--lab', '--json', 'run', '--tasks', 'tasks.json'])).code).toMatch(code);
  });

  it('refuses a missing task file', async () => {
    expect(failureOf(await cli.run(['--lab', '--json', 'run', '--tasks', 'nosuch.json'])).code).toBe(
      'CLIENT_TASK_FILE_NOT_FOUND',
    );
  });
});

describe('help', () => {
  it('fits 80 columns and names every visible command', async () => {
    const result = await cli.run(['--help']);
    expect(result.exitCode).toBe(0);
    for (const line of result.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    for (const name of ['demo', 'preflight', 'up', 'run', 'pool-pause', 'pool-resume', 'down'])
      expect(result.stdout).toContain(`  ${name} `);
  });

  it('prints usage for no arguments and the version for --version', async () => {
    expect((await cli.run([])).stdout).toContain('waa demo');
    expect((await cli.run(['--version'])).stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
