import { describe, expect, it } from 'vitest';
import { runLinuxProgram, type LinuxHost } from '../../../src/lab/world/machine/linux-programs.js';
import { newMachine } from '../dockur/container-harness.js';

const host: LinuxHost = {
  machine: newMachine(),
  hostName: 'vm0',
  user: 'azureuser',
  workingDirectory: '/home/azureuser',
  epochMs: Date.UTC(2026, 0, 2, 3, 4, 5),
  environment: { HOME: '/home/azureuser' },
  list: (directory) => (directory === '/data' ? ['/data/waa/results/r/a', '/data/docker/x'] : []),
};
const run = (...argv: string[]) => runLinuxProgram(host, argv);

describe('programs of any Linux', () => {
  it.each([
    [['uname', '-a'], /^Linux vm0 6\.8\.0-1044-azure .* x86_64 GNU\/Linux\n$/],
    [['/usr/bin/uname', '-sr'], /^Linux 6\.8\.0-1044-azure\n$/],
    [['uname'], /^Linux\n$/],
    [['hostname'], /^vm0\n$/],
    [['whoami'], /^azureuser\n$/],
    [['id', '-u'], /^1000\n$/],
    [['pwd'], /^\/home\/azureuser\n$/],
    [['date', '+%s'], /^1767323045\n$/],
    [['date'], /^Fri, 02 Jan 2026 03:04:05 UTC\n$/],
    [['nproc'], /^\d+\n$/],
    [['env'], /^HOME=\/home\/azureuser\n$/],
    [['df', '-h'], /^Filesystem .*\n\/dev\/root .* \/\n/],
    [['free', '-m'], /Mem: +\d+\n/],
    [['ls', '/data'], /^docker\nwaa\n$/],
  ])('%j', (argv, stdout) => {
    expect(run(...argv)).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(stdout), stderr: '' });
  });

  it('fail as they do', () => {
    expect(run('false')).toMatchObject({ exitCode: 1 });
    expect(run('ls', '/nothing')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('No such file') });
  });

  it.each(['rm', 'toString', '/opt/uname', ''])('%j is not one of them', (program) => {
    expect(run(program)).toBeUndefined();
  });
});
