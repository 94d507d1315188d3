import { describe, expect, it } from 'vitest';
import { endedCleanly, faultInLog, faultOfExit } from '../../../src/health/dockur-failures.js';
import { parseDockurLog } from '../../../src/health/dockur-log.js';
import { judgeStorage } from '../../../src/health/storage-guard.js';

const E = '\u001b[';
const info = (text: string): string => `${E}1;34m❯ ${E}1;36m${text}${E}0m`;
const error = (text: string): string => `${E}1;31m❯ ERROR: ${text}${E}0m`;
const warning = (text: string): string => `${E}1;31m❯ Warning: ${text}${E}0m`;
const banner = (version: string): string =>
  `❯ Starting Windows for Docker v${version}...\n❯ For support visit https://github.com/dockur/windows`;
const DVD =
  'BdsDxe: starting Boot0001 "UEFI QEMU DVD-ROM QM00013 " from PciRoot(0x0)/Pci(0x5,0x0)/Sata(0x0,0xFFFF,0x0)';
const HD =
  'BdsDxe: starting Boot0004 "Windows Boot Manager" from HD(1,GPT,AB12,0x800,0x40000)/\\EFI\\Microsoft\\Boot\\bootmgfw.efi';
const lines = (...parts: string[]): string => `${parts.join('\n')}\n`;
const DIRECTORY = '/data/waa/storage';
const ended = (exitCode: number, oomKilled = false) => ({ exitCode, oomKilled });

describe('dockur log', () => {
  it('reads an empty log as a container that just started', () => {
    expect(parseDockurLog('')).toMatchObject({
      version: undefined,
      phase: 'container-start',
      errors: [],
      lastLine: '',
    });
  });

  it('reads version, guest and mode of 6.05', () => {
    const log = lines(
      banner('6.05'),
      info('Creating a 64 GB growable disk image in raw format...'),
      '',
      '❯ Host: 172.20.0.2/16 (10a590e64e8c)',
      '❯ Guest: 172.30.0.2 (Windows)  |  Mode: NAT  |  MAC: 02:21:63:1B:98:12',
      '',
      info('Booting Windows using QEMU v10.0.13...'),
    );
    expect(parseDockurLog(log)).toMatchObject({
      version: '6.05',
      guestIp: '172.30.0.2',
      network: 'nat',
      phase: 'firmware',
    });
  });

  it('knows the fallback to user mode by the Guest line and, in 5.14, by the warning', () => {
    const six = lines(
      banner('6.05'),
      '❯ Guest: 172.20.0.4 (Windows)  |  Mode: User (slirp)  |  MAC: 02:86:75:0D:81:33',
    );
    const five = lines(
      banner('5.14'),
      warning('failed to setup NAT networking, falling back to user-mode networking!'),
    );
    expect(parseDockurLog(six).network).toBe('user');
    expect(parseDockurLog(five).network).toBe('user');
    expect(faultInLog(parseDockurLog(six))?.code).toBe('QEMU_USER_MODE_NETWORK');
  });

  it("reads wget's percent of 5.14", () => {
    const log = lines(
      banner('5.14'),
      info('Downloading Windows 11...'),
      '     0K ........ ........ ........ ........ 18%  416M 0s',
      ' 32768K ........ ........ ........ ........ 36%  392M 0s',
    );
    expect(parseDockurLog(log)).toMatchObject({ phase: 'iso-download', percent: 36 });
  });

  it('counts starts from disk and DVD, not loadings', () => {
    const log = lines(
      banner('6.05'),
      DVD.replace('starting', 'loading'),
      DVD,
      HD.replace('starting', 'loading'),
      HD,
      HD,
    );
    expect(parseDockurLog(log)).toMatchObject({ dvdBoots: 1, diskBoots: 2, phase: 'disk-boot' });
  });

  it('judges only what follows the newest banner', () => {
    const log = lines(
      banner('6.05'),
      error('Invalid RAM_SIZE: 8GB'),
      HD,
      banner('6.05'),
      info('Booting Windows using QEMU v11.1.0...'),
    );
    expect(parseDockurLog(log)).toMatchObject({ errors: [], diskBoots: 0, phase: 'firmware' });
  });

  it('takes "started" in both spellings for no more than a handover', () => {
    const log = lines(
      banner('4.35'),
      info('Windows started succesfully, visit http://localhost:8006/ to view the screen...'),
    );
    expect(parseDockurLog(log)).toMatchObject({ handedOver: true, diskBoots: 0 });
  });

  it('finds nothing wrong in the skipped empty disk of every first start', () => {
    const log = parseDockurLog(
      lines(
        banner('6.05'),
        'BdsDxe: failed to load Boot0002 "UEFI QEMU QEMU HARDDISK " from PciRoot(0x0)/Pci(0xA,0x0)/Scsi(0x0,0x0): Not Found',
        DVD,
      ),
    );
    expect(faultInLog(log)).toBeUndefined();
  });
});

describe('why a container ended', () => {
  const cases: readonly (readonly [string, string, number, string])[] = [
    [
      'KVM missing',
      error(
        'KVM acceleration is not available (/dev/kvm is missing), this will cause the machine to run about 10 times slower.',
      ),
      88,
      'QEMU_KVM_UNAVAILABLE',
    ],
    [
      'KVM missing, 2024 words',
      error('KVM acceleration not available (device file missing), this will cause a major loss of performance.'),
      88,
      'QEMU_KVM_UNAVAILABLE',
    ],
    [
      'storage read-only',
      error(
        'Storage folder (/storage) is not writeable! If SELinux is active, you need to add the ":Z" flag to the bind mount.',
      ),
      13,
      'QEMU_STORAGE_UNUSABLE',
    ],
    [
      'disk full in 5.14',
      error('Failed to download http://172.20.0.1:8000/win11.iso , cannot write file (disk full?)'),
      61,
      'QEMU_DISK_FULL',
    ],
    [
      'no room to allocate',
      error('Insufficient free disk space to create a disk of 900 GB in /storage, it has only 67 GB available...'),
      76,
      'QEMU_DISK_FULL',
    ],
    [
      'every mirror failed',
      error('All download methods failed for Windows 11 Enterprise (Evaluation)!'),
      68,
      'WINDOWS_DOWNLOAD_FAILED',
    ],
    [
      'ISO is an HTML page',
      lines(error('Failed to read ISO image: /custom.iso'), error('Failed to inspect the Windows installation ISO!')),
      76,
      'WINDOWS_MEDIA_INVALID',
    ],
    [
      'version unknown',
      error('Invalid VERSION specified, value "win13x64" is not recognized!'),
      68,
      'QEMU_CONFIGURATION_REFUSED',
    ],
    ['disk not bootable', error('Windows could not boot, terminating...'), 0, 'QEMU_NOT_BOOTABLE'],
    [
      'QEMU refused its arguments',
      lines(
        "qemu-system-x86_64: -device foo: 'foo' is not a valid device model name",
        error('QEMU exited unexpectedly!'),
      ),
      1,
      'QEMU_CONTAINER_EXITED',
    ],
    [
      'killed',
      info('Windows started successfully, visit http://127.0.0.1:8006/ to view the screen...'),
      137,
      'QEMU_CONTAINER_KILLED',
    ],
  ];
  it.each(cases)('%s', (_name, text, exitCode, code) => {
    expect(faultOfExit(ended(exitCode), parseDockurLog(lines(banner('6.05'), text)), DIRECTORY).code).toBe(code);
  });

  it('blames the first specific error, not the generic one that follows', () => {
    const log = parseDockurLog(
      lines(
        banner('6.05'),
        error('Invalid value for DISK_SIZE: 64GBB'),
        error('Could not create a growable raw disk image of  (/storage/data.img)'),
      ),
    );
    expect(faultOfExit(ended(77), log, DIRECTORY).params).toMatchObject({
      detail: 'Invalid value for DISK_SIZE: 64GBB',
    });
  });

  it("tells out of memory from a kill by the engine's flag", () => {
    expect(faultOfExit(ended(137, true), parseDockurLog(banner('6.05')), DIRECTORY).params).toMatchObject({
      by: 'out of memory',
    });
  });

  it('takes our own stop in a 5.14 set-up, ERROR line and all, for a clean end', () => {
    const log = parseDockurLog(
      lines(banner('5.14'), DVD, error('Forcefully terminating Windows, reason: 143...'), '❯ Shutdown completed!'),
    );
    expect(endedCleanly(ended(0), log)).toBe(true);
    expect(endedCleanly(ended(1), log)).toBe(false);
    expect(
      endedCleanly(ended(0), parseDockurLog(lines(banner('6.05'), error('Windows could not boot, terminating...')))),
    ).toBe(false);
  });
});

describe('a container that ended because its machine was paused', () => {
  it('is stopped, not broken, unless its log holds an error', () => {
    expect(endedCleanly(ended(255), parseDockurLog(banner('6.05')))).toBe(true);
    expect(endedCleanly(ended(255), parseDockurLog(lines(banner('6.05'), error('disk full?'))))).toBe(false);
  });
});

describe('storage guard', () => {
  const seen = {
    hasDisk: true,
    diskAllocatedBytes: 21 * 1024 ** 3,
    installedMarker: true,
    base: 'win11x64-enterprise-eval.iso\n',
  };
  const judge = (change: Partial<typeof seen>, ourUnfinishedInstall = false, version = '11e') =>
    judgeStorage({ directory: DIRECTORY, seen: { ...seen, ...change }, version, ourUnfinishedInstall });

  it('installs where there is no disk', () => {
    expect(judge({ hasDisk: false, installedMarker: false }).start).toBe('installs');
  });
  it('boots a marked disk of the wanted version, and one whose origin is not recorded', () => {
    expect(judge({}).start).toBe('boots');
    expect(judge({ base: '' }).start).toBe('boots');
  });
  it('refuses an unmarked disk and says how large it is', () => {
    expect(judge({ installedMarker: false })).toMatchObject({
      start: 'refused',
      fault: { code: 'QEMU_STORAGE_WITHOUT_MARKER', params: { allocatedGb: 21 } },
    });
  });
  it('allows an unmarked disk only when its installation is ours and unfinished', () => {
    expect(judge({ installedMarker: false }, true).start).toBe('installs-again');
  });
  it('refuses to let dockur move another version away', () => {
    expect(judge({}, false, '10e')).toMatchObject({ start: 'refused', fault: { code: 'QEMU_STORAGE_OTHER_VERSION' } });
  });
  it('does not judge versions whose ISO name it does not know', () => {
    expect(judge({}, false, 'https://example.com/my.iso').start).toBe('boots');
  });
});
