import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { BUNDLE_ROOT } from '../../../src/host/script-runner.js';
import { loadHostScripts } from '../../../src/host/scripts.js';
import { startSshdTarget, whyNoSshd } from '../ssh/sshd-target.js';
import { whyNoDockerd } from '../../helpers/real-docker.js';
import { hostDeploymentSuite } from './deployment-suite.js';
import { type HostTarget, hostSuite } from './suite.js';

/** The scripts are installed below /var/lib, so this needs root; the folder of this version is removed afterwards. */
async function startRealHost(): Promise<HostTarget> {
  const target = await startSshdTarget();
  const storage = join(target.directory, "sto rage's", 'storage');
  await mkdir(storage, { recursive: true });
  return {
    ...target,
    storage,
    put: (path, text) => writeFile(path, text),
    list: async (directory) => (await readdir(directory)).map((name) => join(directory, name)),
    async dispose() {
      await target.dispose();
      await rm(join(BUNDLE_ROOT, (await loadHostScripts()).hash), { recursive: true, force: true });
    },
  };
}

const why = whyNoSshd ?? (userInfo().uid === 0 ? undefined : 'installing the script bundle needs root');
if (why === undefined) hostSuite('this machine, through OpenSSH', startRealHost);
else describe('host tools on this machine', () => it.skip(why, () => undefined));

// In this file, not beside it: files run at the same time, and both suites install and remove scripts below /var/lib/waa.
const whyNot = why ?? whyNoDockerd;
if (whyNot === undefined) hostDeploymentSuite();
else describe('a deployment on a host of the user', () => it.skip(whyNot, () => undefined));
