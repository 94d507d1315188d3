import { cause, clip, line, type Pattern } from './pattern.js';

/** The worker is not named in its own logs. */
const WORKER = 'the worker';
const OFFLINE =
  /Temporary failure resolving|Could not (?:resolve|connect to)|Connection (?:failed|timed out)|\b50[234] {2}|GnuTLS/;

/** Outranks an unreachable mirror in the same text: that one is a warning, this one an error. */
const UNSIGNED = /^E: The repository .* is not signed|NO_PUBKEY/;

/** apt and dpkg (Ubuntu, Debian). `apt-get update` ends with 0 when offline: its warning is the cause of what follows. */
const aptPatterns: readonly Pattern[] = [
  line('VM_APT_UNSIGNED', UNSIGNED, { weight: 'decisive' }),
  line('VM_APT_LOCKED', /Could not get lock \/var\/lib\/(?:dpkg|apt)|dpkg (?:frontend|database) lock/),
  line('VM_APT_BROKEN', /dpkg was interrupted|^E: Unmet dependencies\. Try 'apt --fix-broken/, { weight: 'decisive' }),
  line('VM_APT_UNSATISFIABLE', /^E: Unable to correct problems, you have held broken packages/),
  line('VM_APT_OFFLINE', new RegExp(`^(?:[EW]: Failed to fetch .*|\\s*)(?:${OFFLINE.source})`), {
    weight: 'decisive',
    unless: UNSIGNED,
  }),
  line('VM_APT_FAILED', /^E: (?!The following information)/, { weight: 'generic' }),
];

/** Errors of the kernel's that any program prints. */
const systemPatterns: readonly Pattern[] = [
  line('VM_FILESYSTEM_READONLY', /Read-only file system/),
  line(
    'VM_DISK_FULL',
    /No space left on device|^E: You don't have enough free space|^curl: \(23\) Failure writing output/,
  ),
  line('VM_TOO_MANY_FILES', /Too many open files/),
  line(
    'VM_OUT_OF_MEMORY',
    /Out of memory: Killed process|failed to map segment from shared object|Cannot allocate memory/,
  ),
];

/** Output of `cloud-init status --long` and its console log. `status: done` with a dropped user-data is a failure. */
export const cloudInitPatterns: readonly Pattern[] = [
  line('VM_CLOUD_INIT_DROPPED', /Unhandled non-multipart|Failed loading yaml blob|failed schema validation/, {
    weight: 'decisive',
  }),
  ...aptPatterns,
  ...systemPatterns,
  line(
    'VM_CLOUD_INIT_PACKAGES',
    /Failed to install (?:the following )?packages|Failure when attempting to install packages/,
  ),
  line('VM_CLOUD_INIT_COMMAND', /Runparts: \d+ failures|Failed to run module scripts_user/),
  cause(
    'VM_CLOUD_INIT_FAILED',
    /^(?:extended_)?status: (error.*)/,
    (at) => ({ host: WORKER, status: at(1), detail: 'see its errors' }),
    { weight: 'generic' },
  ),
];

/** The kernel's messages. Healthy boots say "disabled" and "report a bug" a lot. */
export const kernelPatterns: readonly Pattern[] = [line('VM_OUT_OF_MEMORY', /Out of memory: Killed process/)];

/** What programs print in a shell, on the worker or here (az). */
export const hostShellPatterns: readonly Pattern[] = [
  cause('AZURE_LOGIN_REQUIRED', /Please run 'az login' to (?:setup|set up) account/, (_at, text) => ({
    reason: clip(text),
  })),
  cause('AZURE_LOGIN_EXPIRED', /AADSTS(?:700082|50173|70043|70044)\b.*/, (at) => ({ reason: clip(at(0)) })),
  ...aptPatterns,
  ...systemPatterns,
  cause('VM_KVM_UNUSABLE', /cannot access '\/dev\/kvm'/, (_at, text) => ({
    host: WORKER,
    reason: 'missing',
    detail: clip(text),
  })),
  line(
    'VM_SCRIPT_LINE_ENDS',
    /cannot execute: required file not found|\$'\\r': command not found|^bash: line \d+: set: -: invalid option/,
  ),
  line('VM_SHELL_SYNTAX', /syntax error near unexpected token/),
  line('VM_NO_SYSTEMD', /System has not been booted with systemd/),
  line('VM_PROGRAM_MISSING', /: command not found$/),
];
