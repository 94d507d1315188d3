import { cause, clip, line, type Pattern } from './pattern.js';

/** The firmware handed over to installation media or to Windows: what failed before was its search. */
const HANDED_OVER = /^BdsDxe: starting Boot\w+ "(?:UEFI QEMU|Windows Boot Manager)/;
const SECURE_BOOT = /^❯ Booting Windows securely/;

/**
 * The virtual machine's console: OVMF, SeaBIOS and what Windows says there. `failed to load ... HARDDISK ... Not Found`
 * is normal before the first installation; what is *started* next decides.
 */
export const firmwarePatterns: readonly Pattern[] = [
  line('QEMU_NOT_BOOTABLE', /^BdsDxe: starting Boot\w+ "(?:EFI Internal Shell|UiApp|Enter Setup)/, {
    healedBy: HANDED_OVER,
  }),
  line('QEMU_NOT_BOOTABLE', /^BdsDxe: No bootable option or device was found/, {
    healedBy: HANDED_OVER,
    unless: SECURE_BOOT,
  }),
  line('QEMU_NOT_BOOTABLE', /^(?:Nothing to boot: |No bootable device|BOOTMGR is missing|!!!! X64 Exception Type)/),
  cause('WINDOWS_CRASHED', /CLASSNAME="BLUESCREEN"|^\*{0,3} ?STOP: 0x[0-9A-F]+/, (_at, text) => ({
    screen: `blue screen (${clip(text)})`,
  })),
  // Stop codes are written NAME (hex) by the debugger's and the console's report.
  cause('WINDOWS_CRASHED', /^[A-Z]+(?:_[A-Z]+)+ \([0-9a-f]{1,8}\)$/, (_at, text) => ({
    screen: `blue screen (${clip(text)})`,
  })),
  line('QEMU_ANSWER_FILE_BROKEN', /^Windows could not (?:apply unattend settings|parse or process unattend)/),
];
