import { join } from 'node:path';
import { writePrivate } from '../state/store.js';
import type { CommandHandler } from './command.js';
import { labDirectoryOf, labProxyCommand, runningLab } from './lab-home.js';
import { printResult } from './print-result.js';

/** `waa lab env`: how `az` and `ssh` talk to the lab. */
export const handle: CommandHandler = async (call) => {
  const lab = await runningLab(call);
  const caFile = join(labDirectoryOf(call), 'ca.pem');
  await writePrivate(caFile, lab.caPem, 'the certificate of the lab');
  const variables = {
    REQUESTS_CA_BUNDLE: caFile,
    NODE_EXTRA_CA_CERTS: caFile,
    ARM_CLOUD_METADATA_URL: `${lab.armUrl}/metadata/endpoints?api-version=2022-09-01`,
  };
  const proxyCommand = labProxyCommand(call);
  return printResult(call, { variables, subscriptionId: lab.subscriptionId, proxyCommand }, [
    ...Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`),
    `# az cloud register -n waa-lab --endpoint-resource-manager ${lab.armUrl} --profile 2020-09-01-hybrid`,
    `# ssh -o ProxyCommand='${proxyCommand}' azureuser@<public address>`,
  ]);
};
