import type { DockurVersion } from './dialect.js';

const GIB = 1024 ** 3;

/** What dockur makes of its environment. */
export interface DockurSettings {
  readonly product: string;
  /** dockur's internal id, the base of the ISO's file name. */
  readonly productId: string;
  readonly ramBytes: number;
  readonly diskBytes: number;
  readonly cpuCores: number;
  readonly width: number;
  readonly height: number;
  readonly kvm: boolean;
  readonly network: 'nat' | 'user';
  readonly storage: string;
  /** Path of the QMP unix socket inside the container, when ARGUMENTS or QMP asks for one. */
  readonly qmpSocket: string | undefined;
  /** Drives write to throw-away files: `ARGUMENTS=-snapshot`. */
  readonly snapshot: boolean;
}

/** An end before QEMU: what is printed and the exit code. */
export interface Refusal {
  readonly exitCode: number;
  readonly errors: readonly string[];
}

/** When a refusal comes: while dockur looks at its host, at the installation media, at the disk, at the network. */
export type Stage = 'init' | 'media' | 'disk' | 'network';

interface Rule {
  readonly stage: Stage;
  readonly refuses: (env: Env, version: DockurVersion) => Refusal | undefined;
}
type Env = Readonly<Record<string, string>>;

const PRODUCTS: Readonly<Record<string, { id: string; name: string }>> = {
  '11': { id: 'win11x64', name: 'Windows 11 Pro' },
  '11e': { id: 'win11x64-enterprise-eval', name: 'Windows 11 Enterprise (Evaluation)' },
  'win11x64-enterprise-eval': { id: 'win11x64-enterprise-eval', name: 'Windows 11 Enterprise (Evaluation)' },
  '11l': { id: 'win11x64-enterprise-ltsc-eval', name: 'Windows 11 LTSC (Evaluation)' },
  '10': { id: 'win10x64', name: 'Windows 10 Pro' },
  '10e': { id: 'win10x64-enterprise-eval', name: 'Windows 10 Enterprise (Evaluation)' },
  '2022': { id: 'win2022-eval', name: 'Windows Server 2022 (Evaluation)' },
};

/** `64G`, `8g`, `4096M`, and for RAM a bare number below 130 as GiB. */
function bytesOf(value: string, bareIsGib: boolean): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s?([KMGT])?B?$/i.exec(value);
  if (!match || /[KMGT]B$/i.test(value)) return undefined;
  const number = Number(match[1]);
  const unit = (match[2] ?? '').toUpperCase();
  if (unit === '') return bareIsGib && number < 130 ? number * GIB : number;
  return number * { K: 1024, M: 1024 ** 2, G: GIB, T: 1024 * GIB }[unit as 'K' | 'M' | 'G' | 'T'];
}

const refuse = (exitCode: number, ...errors: string[]): Refusal => ({ exitCode, errors });

/** Environment rules in dockur's order. Exit codes: dockur/windows v6.05 and v5.14, src/*.sh. */
const RULES: readonly Rule[] = [
  {
    stage: 'init',
    refuses: (env) => {
      const cores = env['CPU_CORES'] ?? '2';
      return /^(\d+|half|max)$/i.test(cores) ? undefined : refuse(15, `Invalid amount of CPU_CORES: ${cores}`);
    },
  },
  {
    stage: 'init',
    refuses: (env) => {
      const ram = env['RAM_SIZE'] ?? '4G';
      if (/^(half|max)$/i.test(ram)) return undefined;
      return bytesOf(ram, true) === undefined ? refuse(16, `Invalid RAM_SIZE: ${ram}`) : undefined;
    },
  },
  {
    stage: 'media',
    refuses: (env) => {
      const name = /^https?:\/\/.*\/([^/?]+)$/.exec(env['VERSION'] ?? '')?.[1];
      return name !== undefined && name.startsWith('windows.')
        ? refuse(58, `The download filename "${name}" uses the reserved "windows.*" namespace!`)
        : undefined;
    },
  },
  {
    stage: 'media',
    refuses: (env, version) => {
      const wanted = env['VERSION'] ?? '11';
      if (PRODUCTS[wanted] !== undefined || /^https?:/.test(wanted)) return undefined;
      return refuse(version === '5.14' ? 61 : 68, `Invalid VERSION specified, value "${wanted}" is not recognized!`);
    },
  },
  {
    stage: 'media',
    refuses: (env, version) => {
      const bytes = bytesOf(env['RAM_SIZE'] ?? '4G', true) ?? 4 * GIB;
      if (version === '5.14' || bytes >= 2 * GIB) return undefined;
      const megabytes = Math.round(bytes / 1024 ** 2);
      return refuse(16, `Windows 11 requires at least 2.0 GB of RAM, but RAM_SIZE is set to ${megabytes} MB.`);
    },
  },
  {
    stage: 'disk',
    refuses: (env, version) => {
      const size = env['DISK_SIZE'] ?? '64G';
      const bytes = bytesOf(size, false);
      if (bytes === undefined) {
        const broken = 'Could not create a growable raw disk image of  (/storage/data.img)';
        return refuse(version === '5.14' ? 73 : 77, `Invalid value for DISK_SIZE: ${size}`, broken);
      }
      if (version === '5.14' || bytes >= 32 * GIB) return undefined;
      return refuse(
        77,
        'Please increase the DISK_SIZE variable to at least 32 GB.',
        'Could not create a growable raw disk image of  (/storage/data.img)',
      );
    },
  },
  {
    stage: 'network',
    refuses: (env) => {
      const network = env['NETWORK'] ?? '';
      const known = /^(|y|yes|nat|user|passt|slirp|n|no)$/i.test(network);
      return known ? undefined : refuse(24, `Unrecognized NETWORK value: "${network}"`);
    },
  },
  {
    stage: 'network',
    refuses: (env) =>
      /^y/i.test(env['DHCP'] ?? 'N')
        ? refuse(29, 'The container needs to be in a MACVLAN network when DHCP=Y.')
        : undefined,
  },
  {
    stage: 'network',
    refuses: (env) => {
      const mac = env['MAC'];
      if (mac === undefined || /^([0-9a-f]{12}|([0-9a-f]{2}[:-]){5}[0-9a-f]{2})$/i.test(mac)) return undefined;
      return refuse(28, `Invalid MAC address: '${mac}', should be 12 or 17 digits long!`);
    },
  },
];

/** The refusal that dockur would end with at a stage, or undefined. */
export function refusalAt(stage: Stage, env: Env, version: DockurVersion): Refusal | undefined {
  for (const rule of RULES) {
    const refusal = rule.stage === stage ? rule.refuses(env, version) : undefined;
    if (refusal) return refusal;
  }
  return undefined;
}

/** Settings of an environment that no rule refuses; `hostCores` caps CPU_CORES as dockur does. */
export function settingsOf(env: Env, hostCores: number): DockurSettings {
  const version = env['VERSION'] ?? '11';
  const product = PRODUCTS[version] ?? { id: version.split('/').at(-1) ?? version, name: 'Windows 11' };
  const args = `${env['ARGUMENTS'] ?? ''} ${env['QMP'] === undefined ? '' : `-qmp ${env['QMP']}`}`;
  const cores = Number(env['CPU_CORES'] ?? '2');
  return {
    product: product.name,
    productId: product.id,
    ramBytes: bytesOf(env['RAM_SIZE'] ?? '4G', true) ?? 4 * GIB,
    diskBytes: bytesOf(env['DISK_SIZE'] ?? '64G', false) ?? 64 * GIB,
    cpuCores: Number.isFinite(cores) ? Math.min(cores, hostCores) : hostCores,
    width: Number(env['WIDTH'] ?? 1280),
    height: Number(env['HEIGHT'] ?? 720),
    kvm: !/^n/i.test(env['KVM'] ?? 'Y'),
    network: /^(user|passt|slirp)$/i.test(env['NETWORK'] ?? '') ? 'user' : 'nat',
    storage: env['STORAGE'] ?? '/storage',
    qmpSocket: /-qmp unix:([^,\s]+)/.exec(args)?.[1],
    snapshot: /(^|\s)-snapshot(\s|$)/.test(args),
  };
}
