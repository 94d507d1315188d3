import { execFile } from 'node:child_process';
import { access, chmod, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Programs the rig runs on this machine, and Debian's package of each. */
const NEEDS: readonly (readonly [program: string, debianPackage: string])[] = [
  ['/usr/sbin/sshd', 'openssh-server'],
  ['/usr/sbin/dockerd', 'docker.io'],
  ['/usr/bin/tini', 'tini'],
  ['/usr/bin/mmdebstrap', 'mmdebstrap'],
  ['/usr/sbin/mkfs.ext4', 'e2fsprogs'],
  ['/usr/sbin/ip', 'iproute2'],
  ['/usr/sbin/iptables', 'iptables'],
  ['/usr/bin/unshare', 'util-linux'],
  ['/usr/bin/python3', 'python3-minimal'],
];
const POLICY = '/usr/sbin/policy-rc.d';

/** Installs what is missing, without starting its services. Raises when this is not root on a Debian with apt. */
export async function installPackages(): Promise<readonly string[]> {
  if (process.getuid?.() !== 0) throw new Error('the rig needs root: it makes namespaces, mounts and a Docker daemon');
  const missing: string[] = [];
  for (const [program, name] of NEEDS) if (!(await exists(program))) missing.push(name);
  await apt('update');
  if (missing.length === 0) return missing;
  const hadPolicy = await exists(POLICY);
  // 101 forbids a package's post-install script to start its service: https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt
  if (!hadPolicy) await writeFile(POLICY, '#!/bin/sh\nexit 101\n');
  try {
    await chmod(POLICY, 0o755);
    await apt('install', '--no-install-recommends', ...missing);
  } finally {
    if (!hadPolicy) await rm(POLICY, { force: true });
  }
  return missing;
}

async function apt(...args: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  await run('apt-get', [...options, ...args], { env, maxBuffer: 64 * 1024 ** 2 });
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
