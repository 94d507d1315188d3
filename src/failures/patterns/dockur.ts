import { cause, clip, line, type Group, type Pattern } from './pattern.js';

/** Inside the container the Windows storage is always here. */
const STORAGE = '/storage';
const storage = (_at: Group, text: string) => ({ directory: STORAGE, detail: clip(text) });
const kvm = (at: Group, text: string) => ({ reason: at(1) || clip(text) });

/** A download that failed and then went on: the ISO was read, or QEMU started. */
const DOWNLOADED = /^❯ (?:Extracting|Detecting|Booting Windows)/;
/** With BOOT_MODE secure the firmware refuses an unsigned loader; waa never asks for that mode. */
const SECURE_BOOT = /^❯ Booting Windows securely/;

/** Names of dockur's settings that it complains about, in the wording of 4.35, 5.14 and 6.05. */
const SETTING = new RegExp(
  [
    String.raw`^❯ ERROR: (?:Invalid|Unknown|Unrecognized|Unsupported) (?!ISO|ESD|download link|Windows image|image)`,
    String.raw`^❯ ERROR: The (?:[A-Z_]+ (?:value|variable)|download filename )`,
    String.raw`^❯ ERROR: (?:The|This) container (?:needs to be in a MACVLAN|does not support)`,
    String.raw`^❯ ERROR: (?:Please increase the DISK_SIZE|Shrinking disks is not supported|Secure boot requires)`,
    String.raw`^❯ ERROR: Device \S+ cannot be found`,
    String.raw`^❯ ERROR: Network interface '.*' does not exist`,
    String.raw`^❯ ERROR: .* requires at least .* of RAM, but `,
    String.raw`^❯ Warning: The amount for CPU_CORES .* exceeds`,
    String.raw`^❯ Warning: UDP ports in "HOST_PORTS"`,
    String.raw`^❯ Warning: Ignoring '.*' from ARGUMENTS`,
    String.raw`^dnsmasq: bad command line options`,
    String.raw`^iptables v.*: invalid port/service`,
  ].join('|'),
);

/**
 * The scripts of dockur/windows 4.35, 5.14 and 6.05 (src/*.sh) and of the image around them. Most lines start with `❯`;
 * the last error of a log is mostly generic ("See the FAQ", "Failed to create the Windows setup overlay!").
 */
export const dockurPatterns: readonly Pattern[] = [
  cause('WINDOWS_ISO_MISSING', /^(?:❯ ERROR: )?ISO file not found/i, () => ({})),
  cause('QEMU_KVM_UNAVAILABLE', /KVM acceleration (?:is )?not available \(([^)]*)\)/, kvm),
  cause(
    'QEMU_KVM_UNAVAILABLE',
    /^❯ ERROR: .*(?:bind '\/dev\/kvm' as a volume|cannot provide KVM acceleration|has no KVM)/,
    kvm,
  ),
  cause('QEMU_WITHOUT_KVM', /^❯ Warning: KVM acceleration is disabled/, () => ({})),
  line('QEMU_SETTING_INVALID', SETTING),
  line('QEMU_MEMORY_SHORT', /RAM_SIZE of .* is too high for the .* of memory available/),
  cause(
    'QEMU_STORAGE_UNUSABLE',
    /^❯ ERROR: (?:Storage folder .* (?:is not writeable|not found)|Cannot create storage folder)|cannot create \w+ '\/storage\S*': Read-only file system/,
    storage,
  ),
  line('QEMU_STORAGE_NOT_BOUND', /^❯ Warning: the filesystem of \S+ is OverlayFS/),
  cause('QEMU_DISK_FULL', /(?:Not enough|Insufficient) free (?:disk )?space|\(disk full\?\)/i, storage),
  line('QEMU_STORAGE_SMALL', /^❯ Please consider making at least .* more space available/),
  line('QEMU_BIND_MISSING', /^❯ ERROR: The bind \S+ maps to a file that does not exist/),
  line(
    'WINDOWS_MEDIA_INVALID',
    /^❯ ERROR: (?:Invalid (?:ISO|ESD) file|Failed to (?:extract|read) (?:ISO|the Windows installation image)|Failed to inspect the Windows installation|Failed to read the Windows image|Neither UDF nor ISO9660|Unsupported Windows image|failed to locate '.*' folder)|Cannot open the file as archive/,
  ),
  line(
    'QEMU_ANSWER_FILE_BROKEN',
    /Autounattend\.xml:[\d.]+: |^❯ ERROR: (?:Failed to read DiskID values|Failed to (?:find|update) answer file|.* not valid XML)/,
  ),
  line('QEMU_MANUAL_INSTALLATION', /falling back to manual installation/),
  line(
    'WINDOWS_DOWNLOAD_FAILED',
    /^❯ ERROR: (?:Invalid download link|Downloaded file is only|Failed to download|Failed to (?:resolve|contact) Microsoft|Request to Microsoft|Microsoft blocked|All download methods failed|No download method|.* has (?:an unknown SHA|a different size)|.*Evaluation Center)/,
    { healedBy: DOWNLOADED },
  ),
  line(
    'QEMU_USER_MODE_NETWORK',
    /^❯ (?:ERROR|Warning): (?:TUN device is missing|IP forwarding is disabled|IP tables access was denied|[Ff]ailed to (?:create bridge|setup NAT networking|start passt))|Mode: User \(/,
  ),
  line('DOCKER_MOUNT_READONLY', /can't open '\/storage\S*': Read-only file system/),
  line('QEMU_PROCESS_KILLED', /line \d+:\s+\d+ Killed\s/),
  line('QEMU_ENTRY_UNUSABLE', /^exec \S+: (?:no such file or directory|exec format error)/),
  line('QEMU_NOT_BOOTABLE', /^❯ ERROR: Windows could not boot, terminating/, { unless: SECURE_BOOT }),
  line('QEMU_NOT_BOOTABLE', /^❯ ERROR: Timeout while waiting for QEMU to boot/, {
    unless: SECURE_BOOT,
    weight: 'generic',
  }),
  line('QEMU_PROCESS_ENDED', /^❯ ERROR: QEMU exited unexpectedly/, { weight: 'generic' }),
  // "Forcefully terminating" follows a stop that was asked for (<= 5.x).
  line('QEMU_DOCKUR_ERROR', /^❯ ERROR: (?!Forcefully terminating|Timeout while waiting)/, {
    weight: 'generic',
    healedBy: DOWNLOADED,
  }),
];
