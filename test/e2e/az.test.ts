import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeploymentRecord } from '../../src/state/deployment.js';
import type { WorkerStatus } from '../../src/operations/worker-status.js';
import { createCliHome, documentOf, wideLines, type CliHome } from '../helpers/cli.js';

/** What `waa lab env --json` prints. */
interface LabEnv {
  readonly variables: Readonly<Record<string, string>>;
  readonly az: readonly (readonly string[])[];
}

interface Named {
  readonly name: string;
  readonly resourceGroup: string;
}

/** Microsoft's own client, unmodified, sees what waa made, and waa sees what it changes. */
describe('az at the lab (needs Debian package azure-cli)', () => {
  let cli: CliHome;
  let env: LabEnv;
  const az = async (argv: readonly string[]): Promise<string> => {
    const child = spawn('az', argv, { env: { ...process.env, ...env.variables, AZURE_CORE_NO_COLOR: 'yes' } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(`az ${argv.join(' ')} ended with ${String(code)}:\n${stderr}`);
    return stdout;
  };
  const asked = async <T>(...argv: readonly string[]): Promise<T> =>
    JSON.parse(await az([...argv, '--output', 'json'])) as T;

  beforeAll(async () => {
    cli = createCliHome();
    const up = await cli.run(['--lab', 'pool-create', '--yes', '--json', '--name', 'p']);
    expect(up.exitCode, up.stdout).toBe(0);
    env = documentOf(await cli.run(['lab', 'env', '--json'])).result as LabEnv;
    for (const [, ...argv] of env.az) await az(argv);
  });
  afterAll(() => cli.dispose());

  it('lists and shows the VMs, interfaces, addresses and disks that waa made', async () => {
    const [vms, nics, ips, disks] = await Promise.all([
      asked<Named[]>('vm', 'list', '--show-details'),
      asked<Named[]>('network', 'nic', 'list'),
      asked<Named[]>('network', 'public-ip', 'list'),
      asked<Named[]>('disk', 'list'),
    ]);
    expect(vms).toMatchObject([
      {
        name: 'waa-p-w0',
        powerState: 'VM running',
        hardwareProfile: { vmSize: 'Standard_D8ds_v5' },
        tags: { 'waa-deployment': 'p' },
      },
    ]);
    expect(nics.map(({ name }) => name)).toEqual(['waa-p-w0-nic']);
    expect(ips).toMatchObject([{ name: 'waa-p-w0-ip', publicIpAllocationMethod: 'Static' }]);
    expect(disks.map(({ name }) => name).sort()).toEqual(['waa-p-w0-data', 'waa-p-w0-os']);
    const [address] = ips as unknown as readonly { readonly ipAddress: string }[];
    expect(vms).toMatchObject([{ publicIps: address?.ipAddress }]);

    const shown = await asked<Named>('vm', 'show', '--name', 'waa-p-w0', '--resource-group', 'waa-p');
    expect(shown).toMatchObject({ name: 'waa-p-w0', storageProfile: { dataDisks: [{ name: 'waa-p-w0-data' }] } });
    const disk = await asked<Named>('disk', 'show', '--name', 'waa-p-w0-data', '--resource-group', 'waa-p');
    expect(disk).toMatchObject({ diskSizeGb: 256, diskState: 'Attached' });
  });

  it('deallocates a VM: pool-status says so, and pool-resume brings it back', async () => {
    await az(['vm', 'deallocate', '--name', 'waa-p-w0', '--resource-group', 'waa-p']);
    const status = await cli.run(['--lab', 'pool-status', '--name', 'p', '--json']);
    const { workers } = documentOf(status).result as { readonly workers: readonly WorkerStatus[] };
    const vm = workers[0]?.layers.find(({ id }) => id === 'vm');
    expect(vm).toMatchObject({ state: 'drifted', detail: 'it is deallocated' });
    const shown = await cli.run(['--lab', 'pool-status', '--name', 'p']);
    expect(shown.stdout).toContain('it is deallocated');
    expect(wideLines(shown)).toEqual([]);

    const resumed = await cli.run(['--lab', 'pool-resume', '--name', 'p', '--json']);
    expect(documentOf(resumed).result as { readonly deployment: DeploymentRecord }).toMatchObject({
      deployment: { intent: 'ready' },
    });
    expect(await asked('vm', 'list', '--show-details')).toMatchObject([{ powerState: 'VM running' }]);
  });
});
