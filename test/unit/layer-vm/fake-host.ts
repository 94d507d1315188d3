import type { SshLink, SshLinks } from '../../../src/clients/ssh/ssh.js';
import { fail, type WaaError } from '../../../src/failures/waa-error.js';
import type { HostFacts, HostTools, KvmSelftest } from '../../../src/host/host-tools.js';
import type { HostAddress } from '../../../src/layers/io.js';

const GB = 1024 ** 3;

/** A Linux host in memory behind SshLinks and HostTools; a test sets its state and reads what was done to it. */
export interface FakeHost {
  readonly links: SshLinks;
  readonly tools: HostTools;
  facts: HostFacts;
  kvm: KvmSelftest;
  /** Thrown by `open`, one a call; then it works. */
  readonly openFailures: WaaError[];
  /** Called before facts are read. */
  onFacts: () => void;
  readonly calls: string[];
}

export const okFacts: HostFacts = {
  bootId: 'boot-1',
  os: 'Ubuntu 24.04.3 LTS',
  kernel: '6.8',
  cpuCores: 8,
  memoryMb: 32_768,
  cpuVirtualization: true,
  kvm: { present: true, writable: true },
  docker: { installed: true, active: true, version: '28', startingS: undefined },
  cloudInit: { status: 'done', extendedStatus: 'done', exitCode: 0, errors: [] },
  mounts: [
    { path: '/', source: '/dev/root', fsType: 'ext4', sizeBytes: 64 * GB, freeBytes: 50 * GB },
    { path: '/data', source: '/dev/sdc', fsType: 'ext4', sizeBytes: 256 * GB, freeBytes: 200 * GB },
  ],
  dataDevice: '/dev/sdc',
  epochMs: 0,
};

export function createFakeHost(): FakeHost {
  const linkTo = (address: HostAddress): SshLink => ({
    address,
    closed: false,
    exec: () => Promise.resolve({ exitCode: 0, stdout: '', stderr: '' }),
    stream: () => Promise.reject(fail('BUG', { what: 'not used here' })),
    forwardTcp: () => Promise.reject(fail('BUG', { what: 'not used here' })),
    forwardUnix: () => Promise.reject(fail('BUG', { what: 'not used here' })),
    close: () => undefined,
  });
  const did = <T>(call: string, value: T): Promise<T> => {
    host.calls.push(call);
    return Promise.resolve(value);
  };
  const host: FakeHost = {
    facts: okFacts,
    kvm: { usable: true, reason: 'ok', detail: '' },
    openFailures: [],
    onFacts: () => undefined,
    calls: [],
    links: {
      async open(address) {
        host.calls.push('open');
        const failure = host.openFailures.shift();
        if (failure) throw failure;
        return linkTo(address);
      },
      forget: (address) => did(`forget ${address.host}`, undefined),
      hangUp: () => void host.calls.push('hang up'),
      close: () => Promise.resolve(),
    },
    tools: {
      async facts() {
        host.onFacts();
        return host.facts;
      },
      kvmSelftest: () => Promise.resolve(host.kvm),
      prepareDataDisk: (_link, lun, directory) => {
        host.facts = { ...host.facts, mounts: okFacts.mounts };
        return did(`prepareDataDisk ${lun} ${directory}`, undefined);
      },
      installDocker: (_link, dataRoot) => {
        host.facts = { ...host.facts, docker: okFacts.docker };
        return did(`installDocker ${dataRoot}`, undefined);
      },
      startDocker: () => did('startDocker', undefined),
      cleanDisks: () => did('cleanDisks', 5 * GB),
      storage: () => Promise.reject(fail('BUG', { what: 'not used here' })),
      markInstalled: () => Promise.reject(fail('BUG', { what: 'not used here' })),
      resetStorage: () => Promise.reject(fail('BUG', { what: 'not used here' })),
      golden: () => Promise.reject(fail('BUG', { what: 'not used here' })),
      media: () => Promise.reject(fail('BUG', { what: 'not used here' })),
      readFile: () => Promise.reject(fail('BUG', { what: 'not used here' })),
      scheduledEvents: () => did('scheduledEvents', []),
      hostLogs: () => did('hostLogs', { kernel: 'oops', apt: '' }),
    },
  };
  return host;
}
