import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { fail } from '../../failures/waa-error.js';

/** Azure's limit for custom data, decoded. https://learn.microsoft.com/azure/virtual-machines/custom-data */
const MAX_BYTES = 65_535;
const BOOT_DIRECTORY = '/var/lib/waa/boot';
/** The host scripts first boot needs, so that it does exactly what a later repair does. */
const BOOT_SCRIPTS = ['lib.sh', 'disk-prepare.sh', 'docker-install.sh'] as const;

export interface CloudInitOptions {
  /** The admin user, who shall use Docker and the sockets on the data disk. */
  readonly user: string;
  /** LUN of the data disk. */
  readonly lun: number;
  /** Where the data disk is mounted. */
  readonly dataDirectory: string;
  /** Container image whose pull begins at first boot; none where the data disk has it. */
  readonly image: string | undefined;
  /** Host scripts by file name. */
  readonly scripts: ReadonlyMap<string, string>;
}

/**
 * The user data of a worker: packages, data disk by LUN, Docker with its data on it, image pull in the background. Docker
 * is configured before its package comes, and its service refuses to start while the data disk is not mounted, so that
 * nothing ever lands on the small OS disk. Reference: https://cloudinit.readthedocs.io/en/latest/reference/modules.html
 */
export function renderCloudInit(options: CloudInitOptions): string {
  const { user, lun, dataDirectory, image, scripts } = options;
  const dataRoot = `${dataDirectory}/docker`;
  const script = (name: string): string => `${BOOT_DIRECTORY}/${name}`;
  const config = {
    ssh_pwauth: false,
    package_update: true,
    package_upgrade: false,
    write_files: [
      plainFile('/etc/apt/apt.conf.d/99-waa', APT_CONFIG),
      plainFile('/etc/docker/daemon.json', `${JSON.stringify({ 'data-root': dataRoot }, undefined, 2)}\n`),
      plainFile('/etc/systemd/system/docker.service.d/10-waa-data.conf', dockerDropIn(dataDirectory)),
      ...BOOT_SCRIPTS.map((name) => packedFile(script(name), textOf(scripts, name))),
    ],
    packages: ['acl', 'docker.io', 'python3'],
    runcmd: [
      // cloud-init makes one shell script of these entries; without this only the last one's exit code would count.
      'set -e',
      ['sh', script('disk-prepare.sh'), String(lun), dataDirectory, user],
      ['sh', script('docker-install.sh'), dataRoot, user],
      ...(image === undefined ? [] : [['systemd-run', '--unit=waa-image-pull', '--collect', 'docker', 'pull', image]]),
    ],
  };
  const text = `#cloud-config\n${stringify(config, { lineWidth: 0 })}`;
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw fail('BUG', { what: `cloud-init user data has ${Buffer.byteLength(text)} bytes` });
  return text;
}

/**
 * Locks are waited for; nothing upgrades by itself, because an upgrade of docker.io in the middle of a run stops the
 * container. Option names: apt.conf(5).
 */
const APT_CONFIG = `DPkg::Lock::Timeout "600";
Acquire::Retries "5";
APT::Periodic::Update-Package-Lists "0";
APT::Periodic::Unattended-Upgrade "0";
`;

/** systemd.unit(5); a skipped start is no error, so the package's installation goes through. */
function dockerDropIn(dataDirectory: string): string {
  return `[Unit]\nRequiresMountsFor=${dataDirectory}\nConditionPathIsMountPoint=${dataDirectory}\n`;
}

function plainFile(path: string, content: string): object {
  return { path, content, owner: 'root:root', permissions: '0644' };
}

function packedFile(path: string, content: string): object {
  const packed = gzipSync(content, { level: 9 }).toString('base64');
  return { path, content: packed, encoding: 'gz+b64', owner: 'root:root', permissions: '0755' };
}

function textOf(scripts: ReadonlyMap<string, string>, name: string): string {
  const text = scripts.get(name);
  if (text === undefined) throw fail('BUG', { what: `host script ${name} is missing` });
  return text;
}
