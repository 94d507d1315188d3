/** The two dockur versions the lab speaks; sources: dockur/windows v5.14 and v6.05, src/*.sh and qemus/qemu base. */
export type DockurVersion = '5.14' | '6.05';

const ESC = '\u001b[';
const RESET = `${ESC}0m`;

/** `info` of dockur: blue mark, cyan text, standard output. */
export const info = (text: string): string => `${ESC}1;34m❯ ${ESC}1;36m${text}${RESET}\n`;
/** `error` of dockur: red, standard error. */
export const error = (text: string): string => `${ESC}1;31m❯ ERROR: ${text}${RESET}\n`;
/** `warn` of dockur: red, standard error. */
export const warning = (text: string): string => `${ESC}1;31m❯ Warning: ${text}${RESET}\n`;

/** True for what `error` and `warning` make. */
export const isComplaint = (text: string): boolean => text.startsWith(`${ESC}1;31m`);

/** Where a device sits in dockur's QEMU command line, as OVMF prints it. */
const FIRMWARE_PATH = {
  disk: 'PciRoot(0x0)/Pci(0xA,0x0)/Scsi(0x0,0x0)',
  dvd: 'PciRoot(0x0)/Pci(0x5,0x0)/Sata(0x0,0xFFFF,0x0)',
} as const;

/** OVMF's lines when the empty disk is skipped and Windows Setup starts from the DVD. */
export const bootsFromDvd: readonly string[] = [
  `BdsDxe: skipped Boot0002 "UEFI QEMU QEMU HARDDISK " from ${FIRMWARE_PATH.disk}`,
  `BdsDxe: loading Boot0001 "UEFI QEMU DVD-ROM QM00013 " from ${FIRMWARE_PATH.dvd}`,
  `BdsDxe: starting Boot0001 "UEFI QEMU DVD-ROM QM00013 " from ${FIRMWARE_PATH.dvd}`,
];

/** OVMF's lines when the installed Windows starts from its disk. */
export function bootsFromDisk(partitionGuid: string): readonly string[] {
  const path = `HD(1,GPT,${partitionGuid.toUpperCase()},0x800,0x40000)/\\EFI\\Microsoft\\Boot\\bootmgfw.efi`;
  return [
    `BdsDxe: loading Boot0004 "Windows Boot Manager" from ${path}`,
    `BdsDxe: starting Boot0004 "Windows Boot Manager" from ${path}`,
  ];
}

/** What differs between the versions in what they print. */
export interface Dialect {
  readonly version: DockurVersion;
  readonly qemuVersion: string;
  /** End of the line with CPU, RAM and kernel. */
  readonly hostLineEnd: string;
  readonly requesting: (product: string) => string;
  readonly downloading: (product: string) => string;
  readonly downloaded: string;
  /** Steps of media preparation, in order; one is announced after the other. */
  readonly mediaSteps: (product: string) => readonly string[];
  /** `Host:` and `Guest:` lines exist since 6.00. */
  readonly printsGuestLine: boolean;
  readonly sigterm: string;
  readonly setupIgnoresAcpi: string;
  /** Whether a disk without `windows.boot` is wiped at start (since 6.04). */
  readonly wipesUnmarkedDisk: boolean;
}

const answerFile = 'win11x64-enterprise-eval.xml';

/** Both dialects by version. */
export const dialects: Readonly<Record<DockurVersion, Dialect>> = {
  '5.14': {
    version: '5.14',
    qemuVersion: '10.0.6',
    hostLineEnd: '...',
    requesting: () => 'Requesting Windows 11 from the Microsoft servers...',
    downloading: () => 'Downloading Windows 11...',
    downloaded: 'Download finished successfully',
    mediaSteps: () => [
      'Extracting Windows 11 image...',
      'Adding drivers to image...',
      `Adding ${answerFile} for automatic installation...`,
      'Building Windows 11 image...',
    ],
    printsGuestLine: false,
    sigterm: 'Received SIGTERM, sending ACPI shutdown signal...',
    setupIgnoresAcpi: 'Cannot send ACPI signal during Windows setup, aborting...',
    wipesUnmarkedDisk: false,
  },
  '6.05': {
    version: '6.05',
    qemuVersion: '11.1.0',
    hostLineEnd: '',
    requesting: (product) => `Requesting ${product} from the Microsoft servers...`,
    downloading: (product) => `Downloading ${product}...`,
    downloaded: 'Download completed successfully',
    mediaSteps: () => [
      'Creating overlay image...',
      'Adding drivers to image...',
      `Adding ${answerFile} for automatic installation...`,
      'Writing overlay image...',
    ],
    printsGuestLine: true,
    sigterm: 'Received SIGTERM signal, sending ACPI shutdown signal...',
    setupIgnoresAcpi: 'Windows will ignore ACPI signals during setup, decreasing timeout to 10 seconds...',
    wipesUnmarkedDisk: true,
  },
};

/** The dialect of an image: by its tag, by `DOCKUR_VERSION` in the environment, else 6.05. */
export function dialectOf(image: string, env: Readonly<Record<string, string>>): Dialect {
  const wanted = env['DOCKUR_VERSION'] ?? /[:.-](5\.14|6\.05)\b/.exec(image)?.[1] ?? '6.05';
  return wanted === '5.14' ? dialects['5.14'] : dialects['6.05'];
}
