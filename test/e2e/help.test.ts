import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandTable } from '../../src/commands/table.js';
import { createCliHome, documentOf, wideLines, type CliHome } from '../helpers/cli.js';

let cli: CliHome;
beforeAll(() => {
  cli = createCliHome();
});
afterAll(() => cli.dispose());

describe('help', () => {
  it('fits 80 columns and names every visible command', async () => {
    const result = await cli.run(['--help']);
    expect(result.exitCode).toBe(0);
    expect(wideLines(result)).toEqual([]);
    const first = commandTable.filter(({ hidden }) => hidden !== true).map(({ name }) => name.split(' ')[0] ?? '');
    for (const name of first) expect(result.stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it.each(commandTable.map(({ name }) => name))('of %s fits 80 columns and says what it does', async (name) => {
    const result = await cli.run([...name.split(' '), '--help']);
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toBe('');
    expect(result.stdout).toContain(`Usage: waa ${name}`);
    expect(wideLines(result)).toEqual([]);
  });

  it('is printed for no arguments, and the version for --version', async () => {
    expect((await cli.run([])).stdout).toContain('waa demo');
    expect((await cli.run(['--version'])).stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

describe('commands that need nothing', () => {
  it('config show --origin --json is one document that tells where each value comes from', async () => {
    const env = { WAA_AZURE_REGION: 'westus2' };
    const result = await cli.run(['config', 'show', '--origin', '--json'], { env });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(documentOf(result).result).toContainEqual(
      expect.objectContaining({
        key: 'azure.region',
        value: 'westus2',
        origin: expect.objectContaining({ kind: 'env' }),
      }),
    );
  });

  it('config show --origin fits 80 columns', async () => {
    expect(wideLines(await cli.run(['config', 'show', '--origin']))).toEqual([]);
  });

  it('completion bash is a script that bash accepts, and the completions it asks for exist', async () => {
    const script = await cli.run(['completion', 'bash']);
    expect(script.exitCode).toBe(0);
    execFileSync('bash', ['-n'], { input: script.stdout });
    const answer = await cli.run(['complete', '--', 'pool-']);
    expect(answer.stdout).toContain('pool-pause');
    expect(answer.stdout).toContain('pool-resume');
  });

  it('lab stop without a lab is no error; lab status says that none runs', async () => {
    expect((await cli.run(['lab', 'stop', '--json'])).exitCode).toBe(0);
    expect(documentOf(await cli.run(['lab', 'status', '--json'])).error?.code).toBe('OWN_LAB_NOT_RUNNING');
  });
});
