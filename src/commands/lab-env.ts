import { join } from 'node:path';
import { quoteArgv } from '../failures/quote-argv.js';
import type { LabEndpoints } from '../lab/lab-endpoints.js';
import { writePrivate } from '../state/store.js';
import type { CommandHandler } from './command.js';
import { labDirectoryOf, labProxyCommand, runningLab } from './lab-home.js';
import { printResult } from './print-result.js';

const CLOUD = 'waa-lab';

/** `waa lab env`: how `az` and `ssh` talk to the lab. */
export const handle: CommandHandler = async (call) => {
  const lab = await runningLab(call);
  const directory = labDirectoryOf(call);
  const caFile = join(directory, 'ca.pem');
  await writePrivate(caFile, lab.caPem, 'the certificate of the lab');
  const secretFile = join(directory, 'az-secret');
  await writePrivate(secretFile, lab.login.clientSecret, "the secret of the lab's login");
  const variables = {
    // Its own: the user's login and cloud stay as they are, and a lab on another port is another cloud.
    AZURE_CONFIG_DIR: join(directory, `az-${new URL(lab.armUrl).port}`),
    REQUESTS_CA_BUNDLE: caFile,
    NODE_EXTRA_CA_CERTS: caFile,
    NO_PROXY: withLoopback(call.surroundings.env['NO_PROXY']),
  };
  const az = azLogin(lab, secretFile);
  const proxyCommand = labProxyCommand(call);
  return printResult(call, { variables, subscriptionId: lab.subscriptionId, az, proxyCommand }, [
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quoteArgv([value])}`),
    '# once for every lab, then az works as it does on Azure:',
    ...az.map((argv) => `# ${quoteArgv(argv)}`),
    `# ssh -o ProxyCommand='${proxyCommand}' azureuser@<public address>`,
  ]);
};

/**
 * Registers the lab as a cloud and logs in. The profile is the newest one whose api-versions Debian's az 2.45 can speak:
 * its packaged SDK lacks those of `latest`. az reads an argument that begins with `@` from that file.
 * https://learn.microsoft.com/cli/azure/manage-clouds-azure-cli
 */
function azLogin({ armUrl, login }: LabEndpoints, secretFile: string): readonly (readonly string[])[] {
  const { clientId, tenantId } = login;
  const cloud = ['--profile', '2020-09-01-hybrid', '--endpoint-resource-manager', armUrl];
  const who = ['--username', clientId, '--password', `@${secretFile}`, '--tenant', tenantId];
  return [
    ['az', 'cloud', 'register', '--name', CLOUD, ...cloud],
    ['az', 'cloud', 'set', '--name', CLOUD],
    ['az', 'login', '--service-principal', ...who],
  ];
}

/** A proxy of the user's must not be asked for loopback addresses. */
function withLoopback(noProxy = ''): string {
  const known = noProxy.split(',').filter((host) => host !== '');
  return [...new Set([...known, '127.0.0.1', 'localhost'])].join(',');
}
