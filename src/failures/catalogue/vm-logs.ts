import { logFailure, type LogFailureWords } from './log-failure.js';

const vm = (words: LogFailureWords) => logFailure('vm', words);
const RESUME = 'waa up --resume';
const HOST_LOG = 'waa logs host';

/** Failures of the worker's Linux that its logs tell: apt, cloud-init, shell, kernel. */
export const vmLogFailures = {
  VM_APT_LOCKED: vm({
    kind: 'conflict',
    disposition: 'transient',
    means: 'another package manager holds the lock',
    why: 'On the first boot unattended-upgrades and cloud-init install packages too; the lock is free again after some minutes.',
    fix: ['Wait five minutes, then: waa up --resume', 'waa ssh   # then: ps aux | grep -E "apt|dpkg"'],
  }),
  VM_APT_OFFLINE: vm({
    kind: 'not-found',
    disposition: 'transient',
    means: 'the package archive cannot be reached',
    why: 'The name does not resolve, the mirror is down, or outbound traffic of the VM is blocked. Without packages there is no Docker.',
    fix: [RESUME, 'waa ssh   # then: curl -sSI http://azure.archive.ubuntu.com/'],
  }),
  VM_APT_UNSIGNED: vm({
    kind: 'permission',
    disposition: 'permanent',
    means: 'a package source is not signed, or its key is missing',
    why: 'apt ignores a source that it cannot verify; packages of that source cannot be installed.',
    fix: ['waa ssh   # then: ls /etc/apt/sources.list.d and remove or sign what is named', RESUME],
  }),
  VM_APT_BROKEN: vm({
    kind: 'error',
    disposition: 'recoverable',
    means: 'an earlier installation of packages was left half done',
    why: 'dpkg was interrupted, mostly by a restart in the middle of the first boot.',
    fix: ['waa ssh   # then: sudo dpkg --configure -a && sudo apt-get -y --fix-broken install', RESUME],
  }),
  VM_APT_UNSATISFIABLE: vm({
    kind: 'configuration',
    disposition: 'permanent',
    means: 'packages cannot be installed together',
    why: 'A package source offers versions that do not fit this release of the system.',
    fix: [
      'waa ssh   # then: apt-cache policy docker.io docker-ce',
      'waa down && waa up   # a new VM from the default image',
    ],
  }),
  VM_APT_FAILED: vm({
    kind: 'error',
    disposition: 'recoverable',
    means: 'the package manager reports an error',
    why: 'What was to be installed is not there; the step that needs it will fail later.',
    fix: [HOST_LOG, RESUME],
  }),
  VM_FILESYSTEM_READONLY: vm({
    kind: 'error',
    disposition: 'permanent',
    means: 'a file system of the worker is read-only',
    why: 'Linux mounts a damaged file system read-only so that it does not get worse; a disk was also sometimes attached read-only.',
    fix: ['waa ssh   # then: dmesg | grep -iE "ext4|I/O error"', 'waa down && waa up'],
  }),
  VM_DISK_FULL: vm({
    kind: 'quota',
    disposition: 'recoverable',
    means: 'a disk of the worker is full',
    why: 'Logs, package caches or images filled it. waa cleans what it may clean before it needs room.',
    fix: [RESUME, 'waa ssh   # then: df -h / /data'],
  }),
  VM_CLOUD_INIT_DROPPED: vm({
    kind: 'configuration',
    disposition: 'permanent',
    means: 'cloud-init did not understand its instructions and applied none of them',
    why: 'It still ends with "status: done" (extended status "degraded"): only this warning tells.',
    fix: [HOST_LOG, 'waa down && waa up   # sends the instructions again'],
  }),
  VM_CLOUD_INIT_PACKAGES: vm({
    kind: 'error',
    disposition: 'recoverable',
    means: 'cloud-init could not install packages',
    why: 'A package source was missing or the archive could not be reached at first boot. waa installs what is missing itself.',
    fix: [RESUME, HOST_LOG],
  }),
  VM_CLOUD_INIT_COMMAND: vm({
    kind: 'error',
    disposition: 'permanent',
    means: 'a command of the first boot failed',
    why: 'cloud-init ran the set-up commands and one of them did not succeed.',
    fix: [HOST_LOG, RESUME],
  }),
  VM_PROGRAM_MISSING: vm({
    kind: 'not-found',
    disposition: 'recoverable',
    means: 'a program is not installed on the worker',
    why: 'The first-boot set-up has not finished, or failed.',
    fix: [RESUME, HOST_LOG],
  }),
  VM_SCRIPT_LINE_ENDS: vm({
    kind: 'configuration',
    disposition: 'permanent',
    means: 'a script has Windows line ends',
    why: 'Its first line names an interpreter that ends with an invisible carriage return, which does not exist.',
    fix: [
      "sed -i 's/\\r$//' FILE   # on the script named above",
      'git config core.autocrlf input   # before you copy it again',
    ],
  }),
  VM_SHELL_SYNTAX: vm({
    kind: 'configuration',
    disposition: 'permanent',
    means: 'a shell command is not well formed',
    why: 'Words were joined or quoted wrongly before they reached the shell.',
    fix: ['Run the command shown by hand with: waa ssh'],
  }),
  VM_NO_SYSTEMD: vm({
    kind: 'unsupported',
    disposition: 'permanent',
    means: 'the host was not booted with systemd',
    why: 'waa manages Docker as a service. Containers and some WSL set-ups have no service manager.',
    fix: ['Use a full Linux machine, such as the Azure image that waa creates: waa up'],
  }),
  VM_OUT_OF_MEMORY: vm({
    kind: 'quota',
    disposition: 'recoverable',
    means: 'the worker ran out of memory',
    why: 'QEMU with Windows takes windows.ramGb; the client and Docker need some 4 GB beside it.',
    fix: ['Set windows.ramGb lower, or a larger azure.vmSize, in waa.yaml', RESUME],
  }),
  VM_TOO_MANY_FILES: vm({
    kind: 'quota',
    disposition: 'recoverable',
    means: 'the worker has too many open files',
    why: 'A process leaks handles, or its limit is very low.',
    fix: [RESUME],
  }),
  VM_SSH_SILENT: vm({
    kind: 'timeout',
    disposition: 'transient',
    means: 'the SSH server does not answer in time',
    why: 'Packets are dropped, or the VM hangs: full disk, no memory, or maintenance of its host.',
    fix: ['waa status', RESUME],
  }),
  VM_REMOTE_FILE: vm({
    kind: 'permission',
    disposition: 'permanent',
    means: 'a file cannot be written on the worker',
    why: 'Its folder does not exist, or belongs to another user.',
    fix: ['waa ssh   # then: ls -ld the folder named above', RESUME],
  }),
} as const;
