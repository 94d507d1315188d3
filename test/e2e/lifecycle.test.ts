import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabSummary } from '../../src/lab/lab-summary.js';
import { createCliHome, documentOf, wideLines, type CliHome } from '../helpers/cli.js';

/** One deployment from beginning to end: each step stands on the one before it, so the order is kept. */
describe('a deployment', { shuffle: false }, () => {
  let cli: CliHome;
  beforeAll(() => {
    cli = createCliHome();
  });
  afterAll(() => cli.dispose());

  it('Ctrl-C during up ends within seconds, exit 130, and says what goes on and how to resume', async () => {
    const up = cli.start(['--lab', 'up']);
    await up.saw(/vm creating VM/);
    const stoppedAt = performance.now();
    up.kill('SIGINT');
    const result = await up.done;
    expect(performance.now() - stoppedAt).toBeLessThan(20_000);
    expect(result.exitCode).toBe(130);
    expect(result.stderr).toContain('what runs in Azure goes on');
    expect(result.stderr).toContain('waa --lab up --resume');
    expect(wideLines(result)).toEqual([]);
  });

  it('up --resume goes on and ends ready, with one VM', async () => {
    const result = await cli.run(['--lab', 'up', '--resume', '--json']);
    expect(result.exitCode, result.stdout).toBe(0);
    expect(documentOf(result)).toMatchObject({ ok: true, result: { deployment: { intent: 'ready' } } });
    const { groups, containers } = documentOf(await cli.run(['lab', 'status', '--json'])).result as LabSummary;
    const resources = groups.flatMap((group) => group.resources);
    expect(resources.filter(({ type }) => type.endsWith('/virtualMachines'))).toHaveLength(1);
    expect(containers).toHaveLength(1);
    expect((await cli.run(['--lab', 'status'])).exitCode).toBe(0);
  });

  it('a second signal ends at once', async () => {
    const up = cli.start(['--lab', 'up']);
    await up.saw('up default: begins');
    // Both are there when the process goes on, so no clean end can come between them. Either may come first.
    up.kill('SIGSTOP');
    up.kill('SIGINT');
    up.kill('SIGTERM');
    up.kill('SIGCONT');
    const result = await up.done;
    const first = /(SIGINT|SIGTERM): stopping cleanly/.exec(result.stderr)?.[1];
    // A clean end would have the code of the first signal, and a failure block.
    expect({ first, exitCode: result.exitCode }).toEqual({
      first: expect.stringMatching(/^SIG/) as unknown,
      exitCode: first === 'SIGINT' ? 143 : 130,
    });
    expect(result.stderr).not.toContain('CANCELLED');
  });

  it('two ups at once: the second is refused and told of the first', async () => {
    const first = cli.start(['--lab', 'up']);
    await first.saw('up default: begins');
    first.kill('SIGSTOP');
    const second = await cli.run(['--lab', 'up', '--json']);
    // Its time ran on while it stood still; what it would make of that is no part of this. Its lock outlives it.
    first.kill('SIGKILL');
    await first.done;
    expect(second.exitCode).toBe(101);
    expect(documentOf(second).error?.symptom).toContain(`\`waa up\` (process ${first.pid} on `);
  });

  it('pool-pause --json takes over the dead one’s lock and deallocates; status then exits 4', async () => {
    const paused = await cli.run(['--lab', 'pool-pause', '--json']);
    expect(paused.exitCode, paused.stdout).toBe(0);
    expect(documentOf(paused)).toMatchObject({ ok: true, result: { deployment: 'default' } });
    // Not after half a minute of silence, and not blamed on the network.
    expect(documentOf(await cli.run(['--lab', 'logs', '--json'])).error?.code).toBe('VM_PAUSED');
    const status = await cli.run(['--lab', 'status']);
    expect(status.exitCode).toBe(4);
    expect(status.stdout).toContain('waa --lab pool-resume');
    expect(wideLines(status)).toEqual([]);
    const json = await cli.run(['--lab', 'status', '--json']);
    expect(json).toMatchObject({ exitCode: 4, stderr: '' });
    expect(documentOf(json).result).toMatchObject({ workers: [{ ready: false }] });
  });

  it('pool-resume --json brings it back', async () => {
    const resumed = await cli.run(['--lab', 'pool-resume', '--json']);
    expect(resumed.exitCode, resumed.stdout).toBe(0);
    expect((await cli.run(['--lab', 'status'])).exitCode).toBe(0);
  });

  it('pool-pause and pool-resume as text fit 80 columns', async () => {
    for (const command of ['pool-pause', 'pool-resume']) {
      const result = await cli.run(['--lab', command]);
      expect(result.exitCode, result.stderr).toBe(0);
      expect(wideLines(result)).toEqual([]);
      // Windows is shut down, not looked at first.
      if (command === 'pool-pause') expect(result.stderr).not.toMatch(/ (windows|server|client) /);
    }
  });

  it('down deletes everything, and a second one has nothing to delete', async () => {
    const down = await cli.run(['--lab', 'down', '--yes']);
    expect(down.exitCode, down.stderr).toBe(0);
    expect(wideLines(down)).toEqual([]);
    expect(documentOf(await cli.run(['lab', 'status', '--json'])).result).toMatchObject({ groups: [], containers: [] });
    expect(documentOf(await cli.run(['--lab', 'down', '--yes', '--json'])).error?.code).toBe(
      'OWN_DEPLOYMENT_NOT_FOUND',
    );
    expect((await cli.run(['--lab', 'status'])).stdout).toContain('Nothing is up here');
  });

  it('down --json is one document', async () => {
    const up = await cli.run(['--lab', 'up', '--name', 'second']);
    expect(up.exitCode, up.stderr).toBe(0);
    const down = await cli.run(['--lab', 'down', '--yes', '--json']);
    expect(documentOf(down)).toMatchObject({ ok: true, result: { deployment: 'second' } });
  });
});

it('a failing up names the layer, the cause and the fix within 80 columns', async () => {
  const cli = createCliHome();
  try {
    await cli.run(['lab', 'start', '--scale', '600']);
    await cli.run(['lab', 'faults', 'azure-quota-exceeded', '--times', '20']);
    const result = await cli.run(['--lab', 'up']);
    expect(result.exitCode).toBe(19);
    expect(result.stderr).toMatch(/^AZURE_QUOTA_EXCEEDED {2}/m);
    expect(result.stderr).toContain('  Why  ');
    expect(result.stderr).toContain('  Fix  1. ');
    expect(wideLines(result)).toEqual([]);
  } finally {
    await cli.dispose();
  }
});
