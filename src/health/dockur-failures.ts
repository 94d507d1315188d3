import { fail, type WaaError } from '../failures/waa-error.js';
import type { DockurLog } from './dockur-log.js';

/** What is known beside the log when a container is judged. */
export interface ContainerEnd {
  readonly exitCode: number;
  readonly oomKilled: boolean;
}

type Rule = readonly [pattern: RegExp, make: (detail: string, directory: string) => WaaError];

/**
 * dockur's errors, most specific first; the first error line that any rule knows decides, because what follows it is
 * mostly a consequence ("Failed to create the Windows setup overlay!"). Texts: dockur/windows v4.35, v5.14, v6.05.
 */
const ERROR_RULES: readonly Rule[] = [
  [
    /KVM acceleration (?:is )?not available \(([^)]*)\)/,
    (detail) => fail('QEMU_KVM_UNAVAILABLE', { reason: /\(([^)]*)\)/.exec(detail)?.[1] ?? detail }),
  ],
  [/falling back to manual installation/, (detail) => fail('QEMU_MANUAL_INSTALLATION', { detail })],
  [
    /Storage folder|is not writeable!|Cannot create storage folder/,
    (detail, directory) => fail('QEMU_STORAGE_UNUSABLE', { directory, detail }),
  ],
  [
    /disk full\?|(?:Insufficient|Not enough) free (?:disk )?space|insufficient free disk space/i,
    (detail, directory) => fail('QEMU_DISK_FULL', { directory, detail }),
  ],
  [
    /All download methods failed|No download method is available|Failed to download the Windows image/,
    (detail) => fail('WINDOWS_DOWNLOAD_FAILED', { detail }),
  ],
  [
    /Invalid (?:ISO|ESD) file|Failed to (?:extract|read|inspect).* (?:ISO|image|archive)|Neither UDF nor ISO9660/,
    (detail) => fail('WINDOWS_MEDIA_INVALID', { detail }),
  ],
  [
    /could not boot, terminating|Timeout while waiting for QEMU to boot/,
    (detail) => fail('QEMU_NOT_BOOTABLE', { detail }),
  ],
];

/**
 * Exit codes with which dockur >= 5 refuses its environment (src/*.sh): 15 CPU, 16 RAM, 24-29 network, 58-68 version,
 * 70-80 disk, 84 answer file.
 */
const CONFIGURATION_EXITS: ReadonlySet<number> = new Set([
  15, 16, 20, 24, 26, 28, 29, 33, 55, 56, 58, 62, 64, 67, 71, 73, 77, 78, 80, 84,
]);

/** The failure that a log of a running container already proves, or undefined. */
export function faultInLog(log: DockurLog): WaaError | undefined {
  if (log.isoMissing) return fail('WINDOWS_ISO_MISSING', {});
  const warned = log.warnings.find((text) => /falling back to (manual installation|user-mode networking)/.test(text));
  if (warned !== undefined && /manual/.test(warned)) return fail('QEMU_MANUAL_INSTALLATION', { detail: warned });
  if (log.network === 'user')
    return fail('QEMU_USER_MODE_NETWORK', {
      detail: log.warnings.find((text) => /bridge|TUN|tables|forwarding/i.test(text)) ?? warned ?? 'Mode: User',
    });
  return undefined;
}

/** Why a container ended that nobody stopped. */
export function faultOfExit(end: ContainerEnd, log: DockurLog, directory: string): WaaError {
  for (const line of log.errors) {
    const rule = ERROR_RULES.find(([pattern]) => pattern.test(line));
    if (rule) return rule[1](line, directory);
  }
  const { exitCode } = end;
  const detail = log.errors[0] ?? log.lastLine;
  if (exitCode === 88) return fail('QEMU_KVM_UNAVAILABLE', { reason: detail });
  if (end.oomKilled) return fail('QEMU_CONTAINER_KILLED', { exitCode, by: 'out of memory' });
  if (exitCode === 137) return fail('QEMU_CONTAINER_KILLED', { exitCode, by: 'SIGKILL' });
  if (exitCode === 13) return fail('QEMU_STORAGE_UNUSABLE', { directory, detail });
  if (log.isoMissing) return fail('WINDOWS_ISO_MISSING', {});
  const configured = CONFIGURATION_EXITS.has(exitCode) || ([61, 68].includes(exitCode) && /^Invalid/.test(detail));
  if (configured) return fail('QEMU_CONFIGURATION_REFUSED', { exitCode, detail });
  if ([61, 68].includes(exitCode)) return fail('WINDOWS_DOWNLOAD_FAILED', { detail });
  return fail('QEMU_CONTAINER_EXITED', { exitCode, detail });
}

/** What Docker writes down when it starts and finds a container dead that it knew as running: its machine was off since. */
const DIED_WITH_MACHINE = 255;

/**
 * True for an end that was asked for, by us or by Windows: dockur said goodbye, SIGTERM came before QEMU ran, or the whole
 * machine was paused or restarted. Nothing is broken then; a start is all it needs.
 */
export function endedCleanly(end: ContainerEnd, log: DockurLog): boolean {
  return (
    !end.oomKilled &&
    (end.exitCode === 0 || end.exitCode === 143 || end.exitCode === DIED_WITH_MACHINE) &&
    log.errors.every((text) => /Forcefully terminating/.test(text))
  );
}
