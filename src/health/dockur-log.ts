/** Phases of a dockur container in order, as its log tells them. */
export const DOCKUR_PHASES = [
  'container-start',
  'iso-request',
  'iso-download',
  'media-prepare',
  'disk-create',
  'network',
  'firmware',
  'setup-copy',
  'disk-boot',
] as const;
export type DockurPhase = (typeof DOCKUR_PHASES)[number];

/** What the log of a dockur container tells about its newest start. */
export interface DockurLog {
  /** Version of the banner, e.g. `6.05`; undefined before the banner. */
  readonly version: string | undefined;
  readonly phase: DockurPhase;
  /** Percent of the download where the log shows one (dockur <= 6.01). */
  readonly percent: number | undefined;
  readonly guestIp: string | undefined;
  /** `user` is the fallback that WAA cannot work with. Undefined before the network is up. */
  readonly network: 'nat' | 'user' | undefined;
  /** Starts of Windows from its disk: 2 in a normal installation, 1 afterwards. */
  readonly diskBoots: number;
  /** Starts of Setup from the DVD. */
  readonly dvdBoots: number;
  /** dockur said that Windows started: the firmware handed over, no more. */
  readonly handedOver: boolean;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** WAA's entry script complained about missing media. */
  readonly isoMissing: boolean;
  readonly shutDown: boolean;
  /** Text of the last line that holds any, without colours. */
  readonly lastLine: string;
}

const BANNER = /^❯ Starting Windows for \w+ v(\d+\.\d+)/;
const MARKED = /^❯ (?:(ERROR|Warning): )?(.*)$/;
const GUEST = /^❯ Guest: (\S+) \(.*\|\s+Mode: (\w+)/;
const WGET_PERCENT = /^\d+K [. ]+ (\d+)%/;

/** First match wins; `Adding` and its like come before `Downloading` never again in one start. */
const PHASE_LINES: readonly (readonly [RegExp, DockurPhase])[] = [
  [/^❯ Requesting /, 'iso-request'],
  [/^❯ Downloading /, 'iso-download'],
  [/^❯ (Extracting|Detecting|Detected|Adding|Building|Creating overlay|Writing overlay)/, 'media-prepare'],
  [/^❯ Creating a .*disk image/, 'disk-create'],
  [/^❯ (Host|Guest): /, 'network'],
  [/^❯ Booting Windows/, 'firmware'],
  [/^BdsDxe: starting Boot\d+ "UEFI QEMU DVD-ROM/, 'setup-copy'],
  [/^BdsDxe: starting Boot\d+ "Windows Boot Manager" from .*HD\(/, 'disk-boot'],
];

/** Removes colours and carriage returns. */
export function plainLines(log: string): string[] {
  return log
    .replace(/\u001b\[[0-9;]*m/g, '')
    .split(/\r?\n/)
    .map((line) => line.trim());
}

/**
 * Reads the log of dockur/windows 4.x to 6.05 (the formats of src/*.sh of those versions). Only what follows the newest
 * banner counts: a restarted container goes on in the same log.
 */
export function parseDockurLog(log: string): DockurLog {
  const all = plainLines(log);
  const from = all.findLastIndex((line) => BANNER.test(line));
  const lines = from < 0 ? all : all.slice(from);
  const count = (pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length;
  const marked = lines.map((line) => MARKED.exec(line));
  const said = (kind: 'ERROR' | 'Warning'): string[] =>
    marked.filter((match) => match?.[1] === kind).map((match) => match?.[2] ?? '');
  const warnings = said('Warning');
  const guest = lines.map((line) => GUEST.exec(line)).findLast((match) => match !== null);
  const phase = phaseOf(lines);

  return {
    version: BANNER.exec(lines[0] ?? '')?.[1],
    phase,
    percent: phase === 'iso-download' ? lastPercent(lines) : undefined,
    guestIp: guest?.[1],
    network: networkOf(guest?.[2], warnings, phase),
    diskBoots: count(/^BdsDxe: starting Boot\d+ "Windows Boot Manager" from .*HD\(/),
    dvdBoots: count(/^BdsDxe: starting Boot\d+ "UEFI QEMU DVD-ROM/),
    handedOver: count(/^❯ Windows started succes/) > 0,
    errors: said('ERROR'),
    warnings,
    isoMissing: lines.some((line) => /^(❯ ERROR: )?ISO file not found/i.test(line)),
    shutDown: lines.some((line) => line === '❯ Shutdown completed!'),
    lastLine: lines.findLast((line) => line !== '') ?? '',
  };
}

function phaseOf(lines: readonly string[]): DockurPhase {
  let furthest = 0;
  for (const line of lines) {
    const phase = PHASE_LINES.find(([pattern]) => pattern.test(line))?.[1];
    if (phase) furthest = Math.max(furthest, DOCKUR_PHASES.indexOf(phase));
  }
  return DOCKUR_PHASES[furthest] ?? 'container-start';
}

function lastPercent(lines: readonly string[]): number | undefined {
  const percent = lines.map((line) => WGET_PERCENT.exec(line)?.[1]).findLast((value) => value !== undefined);
  return percent === undefined ? undefined : Number(percent);
}

/** Up to 5.x there is no `Guest:` line: NAT is what remains when no fallback was announced and QEMU was started. */
function networkOf(
  mode: string | undefined,
  warnings: readonly string[],
  phase: DockurPhase,
): 'nat' | 'user' | undefined {
  if (mode !== undefined) return mode === 'NAT' ? 'nat' : 'user';
  if (warnings.some((text) => /falling back to user-mode networking/i.test(text))) return 'user';
  return DOCKUR_PHASES.indexOf(phase) >= DOCKUR_PHASES.indexOf('firmware') ? 'nat' : undefined;
}
