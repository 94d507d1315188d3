import { logFailure, type LogFailureWords } from './log-failure.js';

const qemu = (words: LogFailureWords) => logFailure('qemu', words);
const RESUME = 'waa up --resume';
const LOG = 'waa logs container';

/** Failures that dockur's scripts, QEMU and its firmware tell in the container's log. */
export const qemuLogFailures = {
  QEMU_SETTING_INVALID: qemu({
    kind: 'configuration',
    disposition: 'permanent',
    means: 'dockur complains about a setting',
    why: "A value in the container's environment is not one this dockur version takes; some versions stop, some go on without it.",
    fix: ['waa config show --origin   # find the value named above', RESUME],
  }),
  QEMU_ARGUMENTS_REFUSED: qemu({
    kind: 'configuration',
    disposition: 'permanent',
    means: 'QEMU does not accept its command line',
    why: 'ARGUMENTS holds something that this QEMU version or this processor does not have.',
    fix: ['waa exec -- printenv ARGUMENTS', 'Pin the image that waa was tested with: image.digest in waa.yaml', RESUME],
  }),
  QEMU_MEMORY_SHORT: qemu({
    kind: 'quota',
    disposition: 'permanent',
    means: 'the worker has too little memory for Windows',
    why: 'windows.ramGb is more than is free on the VM; dockur stops, or lowers it silently.',
    fix: ['Set windows.ramGb lower, or a larger azure.vmSize, in waa.yaml', RESUME],
  }),
  QEMU_STORAGE_NOT_BOUND: qemu({
    kind: 'configuration',
    disposition: 'permanent',
    means: 'the Windows storage lies inside the container',
    why: "The folder was not bind-mounted, so Windows would be lost with the container and fill Docker's own disk.",
    fix: ['waa up --resume   # makes the container anew, as specified'],
  }),
  QEMU_STORAGE_SMALL: qemu({
    kind: 'quota',
    disposition: 'recoverable',
    means: 'the disk is too small for Windows to grow',
    why: "The Windows disk is sparse: it starts, and QEMU pauses Windows when the host's disk is full.",
    fix: ['Set a larger azure.dataDiskGb in waa.yaml', 'waa down && waa up'],
  }),
  QEMU_STORAGE_IN_USE: qemu({
    kind: 'conflict',
    disposition: 'recoverable',
    means: 'another QEMU holds the Windows disk',
    why: 'A second container runs on the same storage. dockur 6.04 and later may even delete a disk that is in use.',
    fix: ['waa ssh   # then: docker ps; stop the container that waa did not make', RESUME],
  }),
  QEMU_BIND_MISSING: qemu({
    kind: 'not-found',
    disposition: 'permanent',
    means: 'a file that was to be bind-mounted does not exist on the worker',
    why: 'Docker makes an empty folder in its place, and dockur finds a folder where a file should be.',
    fix: ['waa ssh   # then: remove the empty folder and put the file there', RESUME],
  }),
  QEMU_ANSWER_FILE_BROKEN: qemu({
    kind: 'configuration',
    disposition: 'permanent',
    means: 'the answer file for the installation of Windows is not valid',
    why: "A custom.xml replaces dockur's own; 5.x takes anything, 6.x reads it and stops.",
    fix: ['xmllint --noout custom.xml', RESUME],
  }),
  QEMU_FIRMWARE_DAMAGED: qemu({
    kind: 'error',
    disposition: 'recoverable',
    means: 'the memory of the virtual firmware is damaged',
    why: 'Its file was cut short, mostly because the disk was full when it was written.',
    fix: ['waa ssh   # then: sudo rm /data/waa/storage/windows.vars', RESUME],
  }),
  QEMU_DISK_UNREADABLE: qemu({
    kind: 'not-found',
    disposition: 'permanent',
    means: 'QEMU cannot open the Windows disk',
    why: 'The file is missing, belongs to another user, has another format, or lies on a file system without O_DIRECT.',
    fix: ['waa ssh   # then: ls -l /data/waa/storage', RESUME],
  }),
  QEMU_PORT_TAKEN: qemu({
    kind: 'conflict',
    disposition: 'recoverable',
    means: 'a port that QEMU wants is taken',
    why: 'An old QEMU still runs, or ARGUMENTS names a port that the container uses itself.',
    fix: ['waa ssh   # then: docker restart -t 120 winarena', RESUME],
  }),
  QEMU_PROCESS_KILLED: qemu({
    kind: 'not-running',
    disposition: 'recoverable',
    means: 'the QEMU process was killed',
    why: 'Usually the out-of-memory killer of the worker: Windows, the client and Docker together took more than there is.',
    fix: ['waa ssh   # then: dmesg | grep -i "killed process"', RESUME],
  }),
  QEMU_PROCESS_ENDED: qemu({
    kind: 'not-running',
    disposition: 'recoverable',
    means: 'QEMU ended by itself',
    why: "The lines before this one in the container's log tell why.",
    fix: [LOG, RESUME],
  }),
  QEMU_KVM_INTERNAL_ERROR: qemu({
    kind: 'unsupported',
    disposition: 'permanent',
    means: 'KVM is there and cannot run Windows',
    why: 'The nested virtualization of this host is broken: /dev/kvm can be opened, and the first real guest dies.',
    fix: ['waa down && waa up   # another host', 'waa up --size Standard_D8s_v5   # another generation'],
  }),
  QEMU_GUEST_CRASHED: qemu({
    kind: 'error',
    disposition: 'recoverable',
    means: 'Windows crashed in QEMU',
    why: 'The guest reported a fatal error of its own (a blue screen).',
    fix: ['waa up --resume   # resets Windows', LOG],
  }),
  QEMU_QMP_REFUSED: qemu({
    kind: 'not-running',
    disposition: 'permanent',
    means: 'the control port of QEMU does not answer',
    why: "WAA's client needs QMP on port 7200. The container was started without the ARGUMENTS that open it, or QEMU ended.",
    fix: ['waa up --resume   # makes the container anew, as specified'],
  }),
  QEMU_GUEST_UNREACHABLE: qemu({
    kind: 'error',
    disposition: 'permanent',
    means: 'the address of Windows cannot be reached from the worker',
    why: "The container's network was set up anew, or the address belongs to an earlier start.",
    fix: ['waa status', RESUME],
  }),
  QEMU_ENTRY_UNUSABLE: qemu({
    kind: 'configuration',
    disposition: 'permanent',
    means: "the image's start script cannot be run",
    why: 'It was built with Windows line ends, or for another processor.',
    fix: ['Pin an image that works: image.digest in waa.yaml', RESUME],
  }),
  QEMU_DOCKUR_ERROR: qemu({
    kind: 'error',
    disposition: 'recoverable',
    means: 'dockur reports an error',
    why: 'Its scripts could not go on; no pattern knows this line better.',
    fix: [LOG, RESUME],
  }),
} as const;
